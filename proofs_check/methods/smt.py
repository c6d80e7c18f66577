"""Second opinion: z3 is asked for a point where a confirmed inequality fails. Never the basis of a status.

"agrees" means that z3 proves there is none, "no answer" that it gives up within the time limit, "disagrees"
that it finds one, which then has to be looked into.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sympy as sp
import z3

from proofs_check.core import Inequality

LIMIT_MS = 1000


@dataclass(frozen=True)
class Opinion:
    """What z3 says of one inequality of a step."""

    step: str
    what: str
    answer: str
    point: dict[str, str]

    def to_dict(self) -> dict[str, object]:
        """Return plain data."""
        return asdict(self)


def second_opinions(
    claims: Sequence[tuple[str, Inequality]],
    progress: Callable[[str], None] | None = None,
    limit: int = LIMIT_MS,
) -> list[Opinion]:
    """Return an opinion on each (step, inequality)."""
    opinions = []
    for step, claim in claims:
        if progress is not None:
            progress(f"{step}: {claim.what}")
        opinions.append(second_opinion(step, claim, limit))
    return opinions


def second_opinion(step: str, claim: Inequality, limit: int = LIMIT_MS) -> Opinion:
    """Ask z3 for a point of the region where `claim` fails (where its denominators are not zero)."""
    translation = _Translation()
    solver = z3.Solver()
    solver.set("timeout", limit)
    try:
        for symbol, low, high in claim.region:
            variable = translation.symbol(symbol)
            solver.add(variable >= translation(low))
            if high is not sp.oo:
                solver.add(variable <= translation(high))
        value = translation(claim.expr)
    except NotImplementedError as problem:
        return Opinion(step, claim.what, f"not translated: {problem}", {})
    solver.add(*translation.side)
    # A strict claim is > 0 where its powers of variables are not 0: ask for < 0 there too.
    solver.add(value < 0)
    answer = solver.check()
    if answer == z3.unsat:
        return Opinion(step, claim.what, "agrees", {})
    if answer != z3.sat:
        return Opinion(step, claim.what, "no answer", {})
    model = solver.model()
    point = {name: str(model[variable]) for name, variable in translation.variables.items()}
    return Opinion(step, claim.what, "disagrees", point)


class _Translation:
    """SymPy expression to z3 term; denominators are kept away from 0, roots become variables."""

    def __init__(self) -> None:
        self.variables: dict[str, Any] = {}
        self.side: list[Any] = []

    def symbol(self, symbol: sp.Symbol) -> Any:
        return self.variables.setdefault(symbol.name, z3.Real(symbol.name))

    def __call__(self, expr: sp.Expr) -> Any:
        if isinstance(expr, sp.Symbol):
            return self.symbol(expr)
        if expr.is_Rational:
            return z3.Q(int(expr.p), int(expr.q))
        if isinstance(expr, (sp.Add, sp.Mul)):
            parts = [self(item) for item in expr.args]
            return z3.Sum(parts) if isinstance(expr, sp.Add) else z3.Product(parts)
        if isinstance(expr, (sp.Min, sp.Max)):
            result, *rest = (self(item) for item in expr.args)
            for item in rest:
                larger = item >= result if isinstance(expr, sp.Max) else item <= result
                result = z3.If(larger, item, result)
            return result
        if isinstance(expr, sp.Pow) and (2 * expr.exp).is_Integer:
            return self._power(self(expr.base), expr.exp)
        raise NotImplementedError(str(expr.func))

    def _power(self, base: Any, exponent: sp.Rational) -> Any:
        if exponent.q == 2:
            root = z3.Real(f"root{len(self.side)}")
            self.side += [root >= 0, root * root == base]
            base, exponent = root, exponent * 2
        if exponent < 0:
            self.side.append(base != 0)
            return 1 / z3.Product([base] * int(-exponent))
        return z3.Product([base] * int(exponent))
