"""The exact check of support certificates: exact numbers, and nothing damaged passes."""

from __future__ import annotations

import copy
import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from gsae_theory.certify import propose
from proofs_check.core import Unproved
from proofs_check.methods.exact_matrices import from_floats, gram, positive_definite
from proofs_check.support_certificate import Instance, exceeding, verify


def blocks(rng: np.random.Generator, n: int, groups: int, size: int) -> np.ndarray:
    return np.stack([np.linalg.qr(rng.normal(size=(n, size)))[0] for _ in range(groups)], axis=1)


@pytest.fixture(scope="module")
def instance() -> Instance:
    rng = np.random.default_rng(5)
    A = blocks(rng, 12, 6, 2)
    return Instance(A, 1.2 * A + 0.02 * rng.normal(size=A.shape), 1.0, 1.3, 0.05, 3)


@pytest.fixture(scope="module")
def certificate(instance: Instance) -> dict[str, Any]:
    return propose(instance)[0]


def test_doubles_are_taken_exactly() -> None:
    """Catches rounding in the conversion, also for subnormal and large numbers, and in products."""
    data = np.array([[0.1, -3.5], [5e-324, 1e15], [0.0, -(2.0**-60)]])
    scaled = from_floats(data)
    exact = [[Fraction(int(v), 2**scaled.bits) for v in row] for row in scaled.values]
    assert exact == [[Fraction(float(v)) for v in row] for row in data]
    product = gram(scaled, scaled)
    assert Fraction(int(product.values[0, 1]), 2**product.bits) == sum(a * b for a, b in exact)


def test_definiteness_agrees_with_eigenvalues() -> None:
    """Catches a wrong elimination: random integer matrices, definite and not, and a semidefinite one."""
    rng, seen = np.random.default_rng(1), set()
    for _ in range(200):
        size = int(rng.integers(1, 5))
        root = rng.integers(-4, 5, size=(size, size))
        matrix = root @ root.T + int(rng.integers(-3, 3)) * np.eye(size, dtype=int)
        if abs(np.linalg.eigvalsh(matrix)[0]) > 1e-9:
            expected = bool(np.linalg.eigvalsh(matrix)[0] > 0)
            seen.add(expected)
            assert positive_definite(matrix.astype(object)) is expected
    assert seen == {True, False}
    assert not positive_definite(np.array([[1, 1], [1, 1]], dtype=object))
    assert not positive_definite(np.array([[2, 1], [0, 2]], dtype=object))


def test_supports_above_the_room_are_all_listed() -> None:
    """Catches pruning that loses a support: against every combination."""
    rng = np.random.default_rng(2)
    for count in (0, 1, 2, 4):
        sizes = {k: Fraction(int(v), 7) for k, v in enumerate(rng.integers(0, 20, size=7))}
        for room in (Fraction(-1), Fraction(0), Fraction(3), Fraction(50, 7)):
            brute = {s for s in itertools.combinations(range(7), count) if sum(sizes[k] for k in s) > room}
            assert set(exceeding(sizes, count, room)) == brute


def test_no_code_breaks_the_claims(instance: Instance, certificate: dict[str, Any]) -> None:
    """Catches a bound that is too small: random codes, pushed uphill, with the largest noise."""
    proved = verify(instance, certificate)
    rng, (groups, d) = np.random.default_rng(3), instance.A.shape[1:]
    for _ in range(300):
        support = rng.choice(groups, size=instance.gamma, replace=False)
        h = int(rng.integers(groups))
        v = rng.normal(size=d)
        for _ in range(20):  # the worst code for direction v, then the best direction for that code
            v /= np.linalg.norm(v)
            x = {g: (instance.A[:, g].T @ instance.W[:, h] @ v) for g in support}
            y = sum(
                instance.B_max * instance.A[:, g] @ (x[g] / np.linalg.norm(x[g])) for g in support if g != h
            )
            y = y + instance.nu * (instance.W[:, h] @ v) / np.linalg.norm(instance.W[:, h] @ v)
            v = instance.W[:, h].T @ y
        if h not in support:
            assert np.linalg.norm(v) <= float(proved.silent)
        else:
            own = -np.linalg.solve(instance.W[:, h].T @ instance.A[:, h], v)
            sample = y + instance.B_min * instance.A[:, h] @ (own / np.linalg.norm(own))
            assert np.linalg.norm(instance.W[:, h].T @ sample) >= float(proved.active)


def test_the_claims_are_nearly_attained(instance: Instance) -> None:
    """Catches a certificate that is valid but loose: within 1e-3 of a code that was found."""
    certificate, seen = propose(instance)
    proved = verify(instance, certificate)
    assert 0 <= float(proved.silent) - seen["silent_attained"] <= 1e-3 * float(proved.silent)


@pytest.mark.parametrize(
    ("n", "groups", "size", "active", "nu", "scale"),
    [
        (5, 4, 1, 2, 0.0, 1.1),
        (5, 4, 1, 1, 0.1, 1.1),
        (8, 3, 2, 3, 0.1, 1.1),  # no group is left to be silent
        (4, 1, 2, 1, 0.2, 1.1),
        (3, 5, 3, 2, 0.0, 1.1),  # every block spans the space
        (6, 3, 2, 2, 0.1, 0.0),  # no weights
    ],
)
def test_extreme_shapes(n: int, groups: int, size: int, active: int, nu: float, scale: float) -> None:
    """Catches a proposal that its own check rejects, or claims below what some code reaches."""
    A = blocks(np.random.default_rng(7), n, groups, size)
    instance = Instance(A, scale * A, 1.0, 1.2, nu, active)
    certificate, seen = propose(instance)
    proved = verify(instance, certificate)
    if active < groups:
        assert seen["silent_attained"] <= float(proved.silent) + 1e-12
    assert float(proved.active) <= seen["active_attained"] + 1e-12


def rejects(instance: Instance, certificate: dict[str, Any]) -> bool:
    try:
        verify(instance, certificate)
    except Unproved:
        return True
    return False


def damaged(certificate: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return certificates with one thing wrong."""
    found = []

    def change(name: str) -> dict[str, Any]:
        item = copy.deepcopy(certificate)
        found.append((name, item))
        return item

    def shift(text: str, factor: Fraction) -> str:
        return str(Fraction(text) * factor)

    less, more = Fraction(999, 1000), Fraction(1001, 1000)
    change("silent")["silent"] = shift(certificate["silent"], less)
    change("active")["active"] = str(Fraction(certificate["active"]) + Fraction(1, 1000))
    change("norm above")["norms"][0][1] = shift(certificate["norms"][0][1], less)
    change("norm below")["norms"][2][2] = shift(certificate["norms"][2][2], more)
    change("noise")["noise"][1] = shift(certificate["noise"][1], less)
    row = certificate["silent_supports"][0]
    change("zeta")["silent_supports"][0]["zeta"] = shift(row["zeta"], less)
    change("tau")["silent_supports"][0]["tau"][0] = "-1"
    change("tau missing")["silent_supports"][0]["tau"].pop()
    change("row missing")["silent_supports"].pop()
    change("support")["silent_supports"][0]["support"][0] = row["group"]
    change("text")["silent_supports"][0]["zeta"] = "one"
    change("zero division")["silent"] = "1/0"
    return found


def test_damaged_certificates_are_rejected(instance: Instance, certificate: dict[str, Any]) -> None:
    """Catches a check that looks away: each number moved by a thousandth the wrong way, each part removed."""
    verify(instance, certificate)
    assert certificate["silent_supports"]
    for name, wrong in damaged(certificate):
        assert rejects(instance, wrong), name


def test_other_weights_are_rejected(instance: Instance, certificate: dict[str, Any]) -> None:
    """Catches a check that does not look at the data: weights 1 % larger, a larger norm, one more group."""
    changes = ({"W": 1.01 * instance.W}, {"B_max": 1.31}, {"gamma": 4}, {"nu": 0.06})
    for change in changes:
        with pytest.raises(Unproved):
            verify(Instance(**{**instance.__dict__, **change}), certificate)
