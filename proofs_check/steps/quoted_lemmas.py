"""The closed list of quoted lemmas as steps: each runs its test on random instances."""

from __future__ import annotations

from proofs_check.core import STEPS, Proof, Use, ledger
from proofs_check.methods.quoted import check_instances


def _register(name: str) -> None:
    def quoted(use: Use) -> Proof:
        return Proof(None, "quoted", {"instances": check_instances(name)})

    STEPS[name] = quoted


for _name in [name for name in ledger() if name.startswith("Q:")]:
    _register(_name)
