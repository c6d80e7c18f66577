"""Checkers. Each returns on success and raises `Unproved` otherwise; none uses a solver or a float."""
