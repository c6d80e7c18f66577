"""Dials: each turns one assumption, from satisfied through the boundary that the theorem states, and on.

A dial is a path of cases. Its natural value is what a user would call the size of the violation (a
coherence, a condition number); its position t is 0 where the assumption is satisfied with room and 1 at
the theorem's boundary, which is found on the theorem's own margins, never written down again. Where the
theorem admits no violation at all, the boundary is t = 0 and t = 1 is a stated unit of violation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from gsae_theory.errors import InvalidInput, UnknownName
from gsae_theory.explore.case import BASES, Case
from gsae_theory.explore.theory import margins
from gsae_theory.theory import get_theorem

CONCLUSIONS = {
    "limit": "the run ends where the theorem says",
    "support": "exactly the active groups fire, at the end of the run",
    "rate": "it gets there at the rate that the theorem promises",
    "identified": "every group of the data is found, to a quarter of its size",
}
"""What a trial decides, from the theorem's own conclusion to the least that a user wants."""

_DIGITS = 10


@dataclass(frozen=True)
class Dial:
    """One assumption to be violated by degrees.

    Attributes
    ----------
    id : str
        Kebab-case.
    title : str
        What is turned, in a few words.
    value : str
        What the natural value means, with its unit.
    breaks : tuple of str
        Hypotheses that the dial breaks, ids of the theorem registry; or one of `check.standing.STANDING`, a convention
        of the setting that no theorem lists.
    turn : callable (case, natural value) -> case
        A module-level function.
    satisfied, far : float
        Natural values at t = 0 and at the end of the range.
    unit : float or None
        Natural value at t = 1 where the boundary is t = 0; None where the boundary is found on margins.
    base : str
        Case at which it is turned, see `BASES`.
    theorem : str
        Whose hypotheses and conclusion are meant.
    implies : tuple of str
        Hypotheses that cannot be kept while `breaks` is broken, with the reason in the title.
    conclusion : str
        The conclusion whose breaking point is looked for, one of `CONCLUSIONS`.
    boundary : callable case -> margin, optional
        In place of the registered margins, for what no theorem lists.
    sharp : callable case -> margin, optional
        Where the theory predicts that the conclusion really fails: zero there, positive before.
    steps : tuple of float
        Natural values to be used instead of a continuum (e.g. sizes).
    """

    id: str
    title: str
    value: str
    breaks: tuple[str, ...]
    turn: Callable[[Case, float], Case] = field(repr=False)
    satisfied: float
    far: float
    unit: float | None = None
    base: str = "one"
    theorem: str = "gamma1.contraction"
    implies: tuple[str, ...] = ()
    conclusion: str = "limit"
    boundary: Callable[[Case], float] | None = field(default=None, repr=False)
    sharp: Callable[[Case], float] | None = field(default=None, repr=False)
    steps: tuple[float, ...] = ()

    def case(self, natural: float, base: Case | None = None) -> Case:
        """Return the case at a natural value."""
        return self.turn(base or BASES[self.base], _rounded(natural))

    def unit_value(self, base: Case | None = None) -> float:
        """Return the natural value at t = 1."""
        return self.unit if self.unit is not None else boundary_of(self, base or BASES[self.base])

    def theory(self) -> float:
        """Return the position of the boundary that the theorem states: 1, or 0 if nothing is admitted."""
        return 0.0 if self.unit is not None else 1.0

    def natural(self, t: float, base: Case | None = None) -> float:
        """Return the natural value at position t."""
        return _rounded(self.satisfied + t * (self.unit_value(base) - self.satisfied))

    def position(self, natural: float, base: Case | None = None) -> float:
        """Return the position of a natural value."""
        return (natural - self.satisfied) / (self.unit_value(base) - self.satisfied)


DIALS: dict[str, Dial] = {}


def register_dial(dial: Dial) -> Dial:
    """Put a dial in the registry and return it.

    Raises
    ------
    InvalidInput, UnknownName
        If the id is taken, or it names a theorem, base or conclusion that does not exist.
    """
    get_theorem(dial.theorem)
    for kind, name, known in (("base", dial.base, BASES), ("conclusion", dial.conclusion, CONCLUSIONS)):
        if name not in known:
            raise UnknownName(kind, name, known)
    if dial.satisfied == dial.far:
        raise InvalidInput("far", dial.far, "another value than satisfied")
    if DIALS.setdefault(dial.id, dial) != dial:
        raise InvalidInput("dial id", dial.id, "an id that is not registered yet")
    return dial


def get_dial(name: str) -> Dial:
    """Return the dial called `name`, or raise UnknownName with the closest one."""
    if name not in DIALS:
        raise UnknownName("assumption", name, DIALS)
    return DIALS[name]


@lru_cache(maxsize=1024)
def boundary_of(dial: Dial, base: Case) -> float:
    """Return the natural value at which the hypotheses that the dial breaks stop to hold.

    Raises
    ------
    InvalidInput
        If they do not hold where the dial is satisfied, or hold over its whole range.
    """
    return crossing(dial, base, lambda case: _broken_margin(dial, case), "the hypothesis it breaks")


@lru_cache(maxsize=1024)
def sharp_position(dial: Dial, base: Case) -> float | None:
    """Return where the theory predicts that the conclusion fails, in positions; None without prediction."""
    if dial.sharp is None:
        return None
    return dial.position(crossing(dial, base, dial.sharp, "its sharp prediction"), base)


def crossing(dial: Dial, base: Case, margin: Callable[[Case], float], what: str) -> float:
    """Return the natural value at which a margin changes sign along the dial's path."""
    good, bad = dial.satisfied, dial.far
    if not margin(dial.case(good, base)) >= 0:
        raise InvalidInput(f"dial {dial.id}", good, f"a satisfied value at which {what} holds")
    if margin(dial.case(bad, base)) >= 0:
        raise InvalidInput(f"dial {dial.id}", bad, f"a range at whose end {what} is broken")
    for _ in range(44):
        middle = 0.5 * (good + bad)
        good, bad = (middle, bad) if margin(dial.case(middle, base)) >= 0 else (good, middle)
    return good


def _broken_margin(dial: Dial, case: Case) -> float:
    if dial.boundary is not None:
        return dial.boundary(case)
    return min(m.value for m in margins(case, dial.theorem) if m.assumption in dial.breaks)


def _rounded(value: float) -> float:
    """Round to the digits that are stored, so that a value read back is the same cell."""
    return float(f"{value:.{_DIGITS}g}")


def dials_for(names: list[str] | None = None) -> Mapping[str, Dial]:
    """Return dials by id, all of them if no names are given."""
    return {name: get_dial(name) for name in names} if names else dict(DIALS)
