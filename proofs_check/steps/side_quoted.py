"""Loads the tests of the lemmas that only the side results quote."""

from proofs_check.methods import quoted_side

__all__ = ["quoted_side"]
