"""Assumptions, theorems and their registry."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape

import sympy as sp

from gsae_theory.errors import InvalidInput, UnknownName
from gsae_theory.plain import rows_html
from gsae_theory.theory.quantity import Environment, Number
from gsae_theory.theory.typeset.printer import latex_of


@dataclass(frozen=True)
class Margin:
    """An assumption evaluated on an instance: `value` >= 0 (> 0 if strict) means that it holds."""

    assumption: str
    value: float
    holds: bool
    statement: str


@dataclass(frozen=True)
class Assumption:
    """A hypothesis with a signed, unit-free margin.

    Attributes
    ----------
    id : str
        Short name in kebab-case.
    statement : str
        The hypothesis in words.
    margin : sympy.Expr
        Signed and unit-free; the hypothesis holds where it is >= 0 (> 0 if `strict`).
    source : str
        Where it is stated (docs/theory.md).
    strict : bool
        Whether margin 0 violates it.
    """

    id: str
    statement: str
    margin: sp.Expr
    source: str
    strict: bool = False

    def margin_on(self, values: Mapping[str, Number]) -> Margin:
        """Return the margin at `values`; a margin that is not a number counts as violated."""
        environment = values if isinstance(values, Environment) else Environment(values)
        value = float(environment.evaluate(self.margin)) + 0.0  # no negative zero
        return Margin(self.id, value, value > 0 if self.strict else value >= 0, self.statement)

    def latex(self) -> str:
        """Return the hypothesis as an inequality on its margin."""
        sign = ">" if self.strict else r"\ge"
        return f"{latex_of(self.margin)} {sign} 0"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def _repr_html_(self) -> str:
        return f"{rows_html(self.id, [('hypothesis', self.statement)])}<p>{escape(self._repr_latex_())}</p>"


RELATIONS: dict[type, str] = {sp.LessThan: "<=", sp.GreaterThan: ">=", sp.Equality: "=="}


@dataclass(frozen=True)
class Theorem:
    """A claim: under the hypotheses, a measured quantity obeys a bound.

    Attributes
    ----------
    id : str
        ``room.name``, as in ``gamma1.contraction``.
    title, statement : str
        One line, and the claim in words.
    hypotheses : tuple of Assumption
    conclusion : sympy relation
        ``measured_symbol <= bound`` (or ``>=``, ``Eq``). The right-hand side is the bound; its symbols
        are primitives, quantities, or what the observable measures beside its value.
    observable : str
        Name of what is measured; the check room has one measurement per name.
    source : str
        Where it is stated (docs/theory.md).
    tolerance : float
        Only for ``Eq``: the accuracy to which the equality is claimed (absolute).
    false : bool
        Registered as false on purpose: the run is expected to refute it.
    asymptotic : bool
        A prediction without error bound; compared, but never a pass or a refutation of the theory.
    parameters : mapping
        Fixed parameters of the observable (kept out of the formula). ``eta`` names the step that the
        claim is about, taken where the setting leaves the step open; ``not_certified`` lists constants
        that rest on floating point.
    activation : str, optional
        Name of the activation of the network that the claim is about; None: whichever it has.
    """

    id: str
    title: str
    statement: str
    hypotheses: tuple[Assumption, ...]
    conclusion: sp.core.relational.Relational
    observable: str
    source: str
    tolerance: float = 0.0
    false: bool = False
    asymptotic: bool = False
    parameters: Mapping[str, object] = field(default_factory=dict)
    activation: str | None = "group_relu"

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_-]+)+", self.id):
            raise InvalidInput("theorem id", self.id, "lower-case words joined by dots, like mine.my_bound")
        if type(self.conclusion) not in RELATIONS or not isinstance(self.conclusion.lhs, sp.Symbol):
            raise InvalidInput(
                "conclusion", self.conclusion, "an unevaluated <=, >= or == whose left side is one symbol"
            )

    @property
    def relation(self) -> str:
        """``<=``, ``>=`` or ``==``."""
        return RELATIONS[type(self.conclusion)]

    @property
    def bound(self) -> sp.Expr:
        """Right-hand side of the conclusion."""
        return self.conclusion.rhs

    def numeric(self, **values: Number) -> Number:
        """Return the bound at `values` (primitives, overrides and covariates)."""
        return Environment(values).evaluate(self.bound)

    def margins(self, values: Mapping[str, Number]) -> tuple[Margin, ...]:
        """Return the margin of every hypothesis at `values`."""
        environment = values if isinstance(values, Environment) else Environment(values)
        return tuple(assumption.margin_on(environment) for assumption in self.hypotheses)

    def to_latex(self, values: Mapping[str, Number] | None = None, width: float = 345.0) -> str:
        """Return hypotheses, conclusion and constants as LaTeX, ready to paste.

        Parameters
        ----------
        values : mapping, optional
            Primitive symbols of an instance (``Context.env``); adds a table of constants and margins there.
        width : float
            Width of a line in points (345 in the article class, 234 in a narrow column), at least 200;
            longer formulas are broken.

        Raises
        ------
        InvalidInput
            If `width` is below 200.
        """
        from gsae_theory.theory.typeset.document import to_latex

        return to_latex(self, values, width)

    def to_dict(self) -> dict[str, object]:
        """Return the claim as plain data."""
        return {
            "id": self.id,
            "title": self.title,
            "statement": self.statement,
            "hypotheses": [{"id": item.id, "statement": item.statement} for item in self.hypotheses],
            "conclusion": latex_of(self.conclusion),
            "observable": self.observable,
            "source": self.source,
            "false": self.false,
            "asymptotic": self.asymptotic,
        }

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {latex_of(self.conclusion)}$"

    def _repr_html_(self) -> str:
        rows: list[tuple[str, object]] = [("claim", self.statement)]
        rows += [(item.id, item.statement) for item in self.hypotheses]
        conclusion = escape(latex_of(self.conclusion))
        return f"{rows_html(f'{self.id}: {self.title}', rows)}<p>$\\displaystyle {conclusion}$</p>"


THEOREMS: dict[str, Theorem] = {}


def register(theorem: Theorem) -> Theorem:
    """Put `theorem` in the registry and return it.

    Raises
    ------
    InvalidInput
        If the id is taken by a different theorem.
    """
    if THEOREMS.setdefault(theorem.id, theorem) != theorem:
        raise InvalidInput("theorem id", theorem.id, "an id that is not registered yet")
    return theorem


def get_theorem(name: str) -> Theorem:
    """Return the registered theorem called `name`.

    Raises
    ------
    UnknownName
        With the closest id that exists.
    """
    if name not in THEOREMS:
        raise UnknownName("theorem", name, THEOREMS)
    return THEOREMS[name]


def largest(
    margin: Callable[[float], float], upper: float, lower: float = 0.0, steps: int = 200
) -> float | None:
    """Return the largest x in [lower, upper] up to which `margin` stays >= 0, or None if it is < 0 at once.

    The margin must be nonnegative on an interval that starts at `lower` (gamma1 [L19] for H2-H3').
    """
    if not margin(lower) >= 0:
        return None
    if margin(upper) >= 0:
        return upper
    good, bad = lower, upper
    for _ in range(steps):
        middle = 0.5 * (good + bad)
        if middle in (good, bad):
            break
        good, bad = (middle, bad) if margin(middle) >= 0 else (good, middle)
    return good
