"""Falsification: wrong versions of every theorem, run through the code that verifies the right ones."""
