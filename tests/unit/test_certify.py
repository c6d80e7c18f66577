"""Proposing certificates, their files, and the commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from gsae_theory.certificate_file import from_file, to_file
from gsae_theory.certify import _ascend, _dual, _solve, _Term, propose
from gsae_theory.cli import main
from gsae_theory.errors import TooLarge, UnreadableFile
from proofs_check.support_certificate import Instance

SMALL = ["bounds", "--dim", "24", "--groups", "8", "--block", "2", "--active", "3", "--lam", "0.3"]


def run(*arguments: str) -> tuple[int, Any, str]:
    result = CliRunner().invoke(main, list(arguments))
    data = json.loads(result.stdout) if result.exit_code == 0 and "--json" in arguments else None
    return result.exit_code, data, result.stderr


def test_the_semidefinite_dual_is_above_every_direction_and_below_other_multipliers() -> None:
    """Catches a program that solves something else: against a fine grid of directions in the plane."""
    rng = np.random.default_rng(4)
    angles = np.linspace(0, np.pi, 20001)
    grid = np.stack([np.cos(angles), np.sin(angles)])
    for _ in range(5):
        terms = [_Term(float(rng.uniform(0.5, 2)), rng.normal(size=(2, 3))) for _ in range(3)]
        exact = max(sum(t.radius * np.linalg.norm(t.matrix.T @ grid, axis=0) for t in terms))
        tau = _solve(terms)
        assert tau is not None
        bound = float(_dual(terms, tau)[2])
        assert exact <= bound <= float(_dual(terms, np.ones(3))[2])
        assert bound <= exact * 1.05
        reached, _ = _ascend(terms)
        assert reached <= exact * (1 + 1e-6)


def test_certified_is_tighter_than_coherence_and_checks_again(tmp_path: Path) -> None:
    """Catches a certificate that is not tighter, not valid, or that does not survive its file."""
    path = tmp_path / "support.json"
    code, data, _ = run(*SMALL, "--certify", "--out", str(path), "--json")
    assert code == 0
    found = data["certificate"]
    assert found["certified"]["silent"] < 0.98 * found["coherence"]["silent"]
    assert found["certified"]["active"] >= found["coherence"]["active"] - 1e-6
    assert found["attained"]["silent"] <= found["certified"]["silent"]
    code, again, _ = run("bounds", "--check-certificate", str(path), "--json")
    assert code == 0
    assert again["certified"] == found["certified"]
    code = CliRunner().invoke(main, ["bounds", "--check-certificate", str(path)])
    assert code.exit_code == 0
    assert "certified" in code.stdout


def test_supports_are_exact_where_coherence_cannot_tell() -> None:
    """Catches a certificate that helps nowhere, on the README's instance: coherence .9225 > lam = .9 > .8667."""
    code, data, _ = run(
        *("bounds", "--dim", "256", "--groups", "32", "--block", "4", "--active", "2"),
        *("--lam", "0.9", "--certify", "--json"),
    )
    assert code == 0
    found = data["certificate"]
    assert found["coherence"]["margin_silent"] < 0 < found["certified"]["margin_silent"]
    assert found["exact_support"]


def test_one_active_group_gives_the_coherence_form_back() -> None:
    """Catches a certificate that claims less than the truth: for one group both forms are exact."""
    arguments = [*SMALL[:7], "--active", "1", "--lam", "0.3", "--certify", "--json"]
    code, data, _ = run(*arguments)
    assert code == 0
    found = data["certificate"]
    for side in ("silent", "active"):
        assert found["certified"][side] == pytest.approx(found["coherence"][side], rel=1e-6)


def test_a_start_is_certified_as_it_is() -> None:
    """Catches a certificate of s* A printed for the start: the start's own distance widens only coherence."""
    arguments = ["bounds", "--dim", "64", "--groups", "16", "--block", "2", "--active", "2", "--lam", "0.2"]
    code, data, _ = run(*arguments, "--dictionary", "orthogonal", "--certify", "start", "--json")
    assert code == 0
    found = data["certificate"]
    assert found["exact_support"]
    assert found["distance"] > 0
    assert found["certified"]["silent"] < found["coherence"]["silent"]
    assert found["certified"]["silent"] > 0


def test_files_that_were_changed_are_refused(tmp_path: Path) -> None:
    """Catches a reader that trusts what it reads: truncated, other data, other format, missing, code in it."""
    rng = np.random.default_rng(6)
    A = np.stack([np.linalg.qr(rng.normal(size=(8, 2)))[0] for _ in range(3)], axis=1)
    instance = Instance(A, A, 1.0, 1.0, 0.0, 2)
    content = to_file(instance, propose(instance)[0], 0.3)
    path = tmp_path / "c.json"
    path.write_bytes(content)
    read, _, lam = from_file(path)
    assert np.array_equal(read.A, A)
    assert lam == 0.3
    data = json.loads(content)
    other = to_file(Instance(A, 2 * A, 1.0, 1.0, 0.0, 2), {}, 0.3)
    for wrong in (
        content[: len(content) // 2],
        json.dumps({**data, "W": json.loads(other)["W"]}).encode(),
        json.dumps({**data, "format": "other"}).encode(),
        json.dumps({**data, "shape": [8, 3, 3]}).encode(),
        json.dumps({**data, "lam": "__import__('os')"}).encode(),
        b"[]",
    ):
        path.write_bytes(wrong)
        with pytest.raises(UnreadableFile):
            from_file(path)
    assert run("bounds", "--check-certificate", str(tmp_path / "none.json"))[0] == 2
    lowered = {**data["certificate"], "silent": "1/1000"}
    path.write_text(json.dumps({**data, "certificate": lowered}))
    code, _, message = run("bounds", "--check-certificate", str(path))
    assert code == 2
    assert "certificate" in message


def test_what_cannot_be_certified_says_so(tmp_path: Path) -> None:
    """Catches a certificate "for every sample" under unbounded noise, and a place that cannot be written."""
    assert run(*SMALL, "--noise", "gaussian", "--noise-level", "0.1", "--certify")[0] == 2
    assert run(*SMALL, "--certify", "--out", str(tmp_path / "no" / "c.json"))[0] == 2
    assert run(*SMALL, "--out", str(tmp_path / "c.json"))[0] == 2
    A = np.zeros((2000, 200, 8))
    with pytest.raises(TooLarge):
        propose(Instance(A, A, 1.0, 1.0, 0.0, 2))
