"""How a failure reads: claim, where it is stated, instance, both sides, what usually causes it."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import fill
from typing import NoReturn

import numpy as np
import pytest
from numpy.typing import ArrayLike

from gsae_theory.suite.adapter import Target
from gsae_theory.suite.instances import Case

_WIDTH, MARGIN = 110, 11


@dataclass(frozen=True)
class Claim:
    """A property that the tests hold a target to.

    Attributes
    ----------
    statement : str
    source : str
        Where it is stated; gamma1, general and side are docs/theory/{gamma1,general,side}.md.
    causes : str
        What usually breaks it; replaced where the numbers single out one mistake.
    """

    statement: str
    source: str
    causes: str

    def at_most(
        self,
        found: ArrayLike,
        bound: ArrayLike,
        allowed: float,
        target: Target,
        case: Case,
        *,
        what: str,
        where: str = "entry",
        cause: str | None = None,
    ) -> None:
        """Fail unless found <= bound + allowed in every entry.

        Parameters
        ----------
        found, bound : array
            Both sides; they broadcast.
        allowed : float
            What rounding (and quadrature) may add.
        what : str
            What `found` is, in words.
        where : str
            What the entries are numbered by.
        cause : str, optional
            A mistake whose numbers match what was found.
        """
        left, right = np.broadcast_arrays(np.asarray(found, dtype=float), np.asarray(bound, dtype=float))
        excess = np.atleast_1d(left - right)
        worst = np.unravel_index(int(np.argmax(excess)), excess.shape)
        if excess[worst] <= allowed:
            return
        one = excess.size == 1
        place = f"  ({where} {', '.join(str(int(i)) for i in worst)})" if not one else ""
        self.fail(
            target,
            case,
            f"{what} = {float(np.atleast_1d(left)[worst]):.6g}{place}",
            f"<= {float(np.atleast_1d(right)[worst]):.6g}, up to {allowed:.2g} for rounding",
            cause,
        )

    def equal(
        self,
        found: ArrayLike,
        wanted: ArrayLike,
        allowed: float,
        target: Target,
        case: Case,
        *,
        what: str,
        where: str = "entry",
        cause: str | None = None,
    ) -> None:
        """Fail unless found equals wanted in every entry, up to rounding; arguments as in `at_most`."""
        left, right = np.broadcast_arrays(np.asarray(found, dtype=float), np.asarray(wanted, dtype=float))
        gap = np.abs(np.atleast_1d(left - right))
        worst = np.unravel_index(int(np.argmax(gap)), gap.shape)
        if gap[worst] <= allowed:
            return
        place = "" if gap.size == 1 else f"  ({where} {', '.join(str(int(i)) for i in worst)})"
        self.fail(
            target,
            case,
            f"{what} = {float(np.atleast_1d(left)[worst]):.10g}{place}",
            f"= {float(np.atleast_1d(right)[worst]):.10g}, up to {allowed:.2g} for rounding",
            cause,
        )

    def fail(self, target: Target, case: Case, found: str, needed: str, cause: str | None = None) -> NoReturn:
        """Fail with both sides in words."""
        label = "MATCHES" if cause else "USUALLY"
        rows = {
            "CLAIM": self.statement,
            "STATED": self.source,
            "TARGET": target.name,
            "INSTANCE": case.describe(),
            "FOUND": found,
            "NEEDED": needed,
            label: cause or self.causes,
        }
        lines = [_row(name, text) for name, text in rows.items()]
        pytest.fail("\n".join(["the target contradicts the theory", *lines]), pytrace=False)


def _row(name: str, text: str) -> str:
    indent = " " * MARGIN
    return fill(
        text, _WIDTH, initial_indent=f"{name:<{MARGIN}}", subsequent_indent=indent, break_long_words=False
    )
