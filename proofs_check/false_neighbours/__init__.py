"""False statements close to true steps; `test_proofs_false_neighbours.py` demands that each is rejected."""
