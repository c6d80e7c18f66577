"""Arrays and files of users: accepted as they are, or refused with what is wrong."""

import numpy as np
import pytest

from gsae_theory.errors import InvalidInput, UnreadableFile
from gsae_theory.model.constants import orthonormality_defects
from gsae_theory.model.frames import random_blocks
from gsae_theory.model.stored import from_array, from_file, polar_blocks
from gsae_theory.seeds import generator


@pytest.fixture
def A():
    return random_blocks(6, 4, 2, generator(40))


def test_arrays_and_matrices_are_taken_as_they_are(A):
    assert (from_array(A) == A).all()
    assert (from_array(A.reshape(6, 8), 2) == A).all()
    assert from_array(np.eye(3).tolist(), 1).shape == (3, 3, 1)


def test_a_defect_names_the_group_its_size_and_the_way_out(A):
    A[:, 2] *= 1.05
    with pytest.raises(InvalidInput, match=r"group 2 .*0\.103.*polar factor.*orthonormalise=True"):
        from_array(A)
    fixed = from_array(A, orthonormalise=True)
    assert orthonormality_defects(fixed).max() < 1e-14


def test_the_polar_factor_is_the_nearest_orthonormal_block(A):
    bent = A + 0.1 * generator(41).standard_normal(A.shape)
    nearest = polar_blocks(bent)
    for g in range(4):
        product = nearest[:, g].T @ bent[:, g]
        assert np.abs(product - product.T).max() < 1e-14
        assert np.linalg.eigvalsh(product).min() > 0
        best = np.linalg.norm(bent[:, g] - nearest[:, g])
        for trial in range(20):
            other = polar_blocks(
                (nearest[:, g] + 0.05 * generator(42, trial).standard_normal((6, 2)))[:, None]
            )
            assert np.linalg.norm(bent[:, g] - other[:, 0]) > best


def test_rounding_is_not_a_defect(A):
    assert from_array(A.astype(np.float64) * (1 + 1e-11)).shape == A.shape
    with pytest.raises(InvalidInput, match="orthonormal"):
        from_array(A.astype(np.float32))


@pytest.mark.parametrize(
    ("array", "d", "message"),
    [
        (np.ones((4, 6)), 4, "divisor of the 6 columns.*nearest valid choice: 3"),
        (np.ones((4, 6)), None, "block size"),
        (np.ones((4, 6)), 0, "integer >= 1"),
        (np.ones((4, 3, 2)), 3, "nearest valid choice: 2"),
        (np.ones((2, 3, 3)), None, "at most the dimension 2"),
        (np.ones((2, 3, 0)), None, "shape"),
        (np.ones(6), 1, "shape"),
        (np.full((4, 2, 1), np.nan), None, "= nan .*finite numbers"),
        (np.full((4, 2, 1), np.inf), None, "= inf .*finite numbers"),
        (np.ones((4, 2, 1), complex), None, "complex128"),
        (np.array([[[1], [None]]]), None, "object"),
        ([[1.0], [1.0, 2.0]], 1, "array"),
    ],
)
def test_wrong_arrays_are_refused(array, d, message):
    with pytest.raises(InvalidInput, match=message):
        from_array(array, d)


def test_dependent_columns_have_no_polar_factor():
    with pytest.raises(InvalidInput, match=r"group 0.*linearly independent"):
        from_array(np.ones((4, 1, 2)), orthonormalise=True)


def test_files_round_trip(A, tmp_path):
    np.save(tmp_path / "a.npy", A)
    np.save(tmp_path / "flat.npy", A.reshape(6, 8))
    assert (from_file(tmp_path / "a.npy") == A).all()
    assert (from_file(str(tmp_path / "flat.npy"), 2) == A).all()


def test_unreadable_files_are_typed_errors(A, tmp_path):
    np.save(tmp_path / "whole.npy", A)
    raw = (tmp_path / "whole.npy").read_bytes()
    (tmp_path / "short.npy").write_bytes(raw[:-9])
    (tmp_path / "header.npy").write_bytes(raw[:20])
    (tmp_path / "empty.npy").write_bytes(b"")
    (tmp_path / "text.npy").write_text("1 2 3\n")
    np.save(tmp_path / "pickled.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    (tmp_path / "folder.npy").mkdir()
    for name in ("short", "header", "empty", "text", "pickled", "folder", "missing"):
        with pytest.raises(UnreadableFile, match=name):
            from_file(tmp_path / f"{name}.npy")


def test_a_header_that_promises_too_much_is_not_believed(A, tmp_path):
    np.save(tmp_path / "a.npy", A)
    raw = (tmp_path / "a.npy").read_bytes().replace(b"(6, 4, 2)", b"(6, 4, 9999999999999)")
    (tmp_path / "huge.npy").write_bytes(raw)
    with pytest.raises(UnreadableFile, match="huge"):
        from_file(tmp_path / "huge.npy")
