"""Proof steps of a user's own: a ledger file and a closing entry outside the package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
from pathlib import Path
import sympy as sp
from gsae_theory import Theorem, register
from gsae_theory.theory import THEOREMS
from gsae_theory.theory.scalars import a_ratio
from gsae_theory.theory.symbols import d
from proofs_check import Closed, Proof, add_ledger, closing, prove, step, where
from proofs_check.closing_gamma1 import ball, large
from proofs_check.methods.identity import prove_zero, unfold

parent = THEOREMS["gamma1.limit.generating"]
bound = sp.sqrt(d) * (a_ratio / 2 + a_ratio**2 / sp.Integer(sys.argv[2]))
mine = register(Theorem(
    "mine.bias", "t", "s", parent.hypotheses, sp.Le(parent.conclusion.lhs, bound, evaluate=False), parent.observable, "mine"
))
add_ledger(Path(sys.argv[1]))

@step("mine-bias")
def bias(use):
    found = sp.sqrt(d) * (use("L13").statement["upper"] - 1)
    prove_zero(unfold(found - sp.sqrt(d) * (a_ratio / 2 + a_ratio**2 / 8)))
    return Proof(found, "identity")

@closing("mine.bias")
def close(use):
    use("L40")
    return Closed(sp.Le(mine.conclusion.lhs, use("mine-bias").statement, evaluate=False), {**ball(use), **large(use)})

(result,) = prove(["mine.bias"])[1]
sys.stdout.write(result.status + " | " + where("mine-bias")["ledger"])
"""
LEDGER = """
[[step]]
id = "mine-bias"
statement = "(s* - 1) sqrt d <= sqrt(d) (a/2 + a^2/8)"
uses = ["L13"]
method = "identity"
source = "mine"
"""


@pytest.mark.parametrize(("constant", "status"), [("8", "proved"), ("9", "bound of mine.bias")])
def test_a_theorem_of_ones_own_is_proved_only_with_the_constant_that_the_steps_give(
    tmp_path: Path, constant: str, status: str
) -> None:
    """Catches a ledger that is not read, and a theorem that counts as proved although its bound is another."""
    (tmp_path / "own.toml").write_text(LEDGER)
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "own.toml"), constant]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(status)
    assert done.stdout.endswith(str(tmp_path / "own.toml"))


def test_a_ledger_that_repeats_an_id_adds_nothing(tmp_path: Path) -> None:
    """Catches a user's file that replaces a step of the package."""
    from proofs_check import add_ledger, ledger

    before = dict(ledger())
    path = tmp_path / "own.toml"
    path.write_text(LEDGER + LEDGER.replace("mine-bias", "L13"))
    with pytest.raises(ValueError, match="id that no other step has"):
        add_ledger(path)
    assert dict(ledger()) == before
