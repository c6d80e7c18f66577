"""`gsae cluster`: data, read-out, group models, choice without labels, the command."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from click.testing import CliRunner
from numpy.typing import NDArray

from gsae_theory.cli import main
from gsae_theory.errors import InvalidInput, UnknownName, UnreadableFile
from gsae_theory.experiments.cluster import Images, joined, load, run_clustering
from gsae_theory.experiments.cluster.baselines import CONTROL, baselines, relu_codes, self_expression
from gsae_theory.experiments.cluster.data import unit_rows
from gsae_theory.experiments.cluster.deskew import deskewed
from gsae_theory.experiments.cluster.groups import (
    Ensemble,
    blocks_at,
    code_norms,
    compressed,
    ensemble_codes,
    random_blocks,
    responses,
    train_blocks,
)
from gsae_theory.experiments.cluster.methods import Method, ensemble
from gsae_theory.experiments.cluster.network import network
from gsae_theory.experiments.cluster.read_out import embedding, read_out, similarity_graph
from gsae_theory.experiments.cluster.starts import start_report
from gsae_theory.experiments.cluster.tuning import choose
from gsae_theory.experiments.scores import hungarian_accuracy
from gsae_theory.seeds import generator

Array = NDArray[np.float64]


def union_of_subspaces(noise: float = 0.05, each: int = 60) -> tuple[Array, Array]:
    """Return 4 x `each` points near four random planes of R^12, and the planes."""
    rng = generator(0, "union of subspaces")
    planes = np.linalg.qr(rng.standard_normal((4, 12, 2)))[0]
    labels = np.repeat(np.arange(4), each)
    codes = np.abs(rng.standard_normal((4 * each, 2))) + 0.2
    points = np.einsum("knd,kd->kn", planes[labels], codes)
    return unit_rows(points + noise * rng.standard_normal(points.shape)), labels


def test_unit_rows_of_huge_tiny_and_zero_rows() -> None:
    """Catches a norm that overflows or underflows, and division by zero."""
    rows = unit_rows(np.array([[3e300, 4e300], [3e-300, 4e-300], [0.0, 0.0]]))
    np.testing.assert_allclose(rows, [[0.6, 0.8], [0.6, 0.8], [0, 0]], rtol=1e-12)


def test_files_are_read_alike(tmp_path: Path) -> None:
    """Catches a header counted as a point, labels of a .npz forgotten, rows in another order."""
    X, labels = union_of_subspaces()
    np.save(tmp_path / "a.npy", X)
    np.savez(tmp_path / "a.npz", X=X, y=labels)
    text = "\n".join(",".join(repr(float(v)) for v in row) for row in X)
    (tmp_path / "a.csv").write_text(text)
    (tmp_path / "b.csv").write_text(",".join(f"x{k}" for k in range(12)) + "\n" + text)
    for name in ("a.npy", "a.npz", "a.csv", "b.csv"):
        np.testing.assert_allclose(load(str(tmp_path / name)).Y, X, atol=1e-12)
    np.testing.assert_array_equal(load(str(tmp_path / "a.npz")).labels, labels)
    assert load(str(tmp_path / "a.npy")).labels is None


def test_bad_files_are_refused_with_typed_errors(tmp_path: Path) -> None:
    """Catches unpickling of outside data and raw exceptions of NumPy."""
    np.save(tmp_path / "pickled.npy", np.array([{"a": 1}] * 60, dtype=object), allow_pickle=True)
    (tmp_path / "damaged.npz").write_bytes(b"PK\x03\x04 not a zip")
    (tmp_path / "words.csv").write_text("a,b\nc,d\n")
    (tmp_path / "empty.csv").write_text("")
    for name in ("pickled.npy", "damaged.npz", "words.csv", "empty.csv", "missing.npy"):
        with pytest.raises(UnreadableFile, match=name.split(".")[0]):
            load(str(tmp_path / name))
    with pytest.raises(UnreadableFile, match="never loaded"):
        load(str(tmp_path / "pickled.npy"))
    holed = np.ones((60, 3))
    holed[7, 1] = np.nan
    np.save(tmp_path / "holed.npy", holed)
    with pytest.raises(InvalidInput, match="row 7"):
        load(str(tmp_path / "holed.npy"))
    np.save(tmp_path / "few.npy", np.ones((5, 3)))
    np.save(tmp_path / "fine.npy", np.ones((60, 3)))
    with pytest.raises(InvalidInput, match="at least 50 rows"):
        load(str(tmp_path / "few.npy"))
    with pytest.raises(InvalidInput, match="60"):
        load(str(tmp_path / "fine.npy"), tmp_path / "few.npy")
    with pytest.raises(InvalidInput, match="digits"):
        load("digit")


def test_graph_keeps_the_largest_products_of_every_row() -> None:
    """Catches self loops, smallest instead of largest, and errors at the border of a block of rows."""
    F = np.abs(generator(1, "graph").standard_normal((40, 5)))
    S = F @ F.T
    np.fill_diagonal(S, -np.inf)
    keep = np.zeros_like(S)
    for i in range(40):
        for j in np.argsort(S[i])[::-1][:6]:
            keep[i, j] = S[i, j]
    np.testing.assert_allclose(similarity_graph(F, 6).toarray(), (keep + keep.T) / 2, atol=1e-12)


def test_embedding_of_separate_components_is_constant_on_each() -> None:
    """Catches a wrong normalisation: eigenvalue 1 once per component, rows equal within a component."""
    block = np.ones((7, 7)) - np.eye(7)
    graph = sp.csr_array(sp.block_diag([sp.coo_array(block)] * 3))
    points = embedding(graph, 3, 4)
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1, atol=1e-9)
    gram = points @ points.T
    np.testing.assert_allclose(gram, np.kron(np.eye(3), np.ones((7, 7))), atol=1e-6)
    assert hungarian_accuracy(np.repeat(range(3), 7), read_out(graph, 3, 0)) == 1


def test_embedding_of_a_graph_of_very_many_components() -> None:
    """Catches ARPACK's error on an eigenvalue of high multiplicity: 60 cliques asked for 15 eigenvectors."""
    features = np.kron(np.eye(60), np.ones((8, 1)))
    points = embedding(similarity_graph(features, 7), 15, 4)
    assert points.shape == (480, 15)
    assert np.isfinite(points).all()


def test_deskewed_image_stands_upright_and_an_upright_one_stays() -> None:
    """Catches a shear with the wrong sign (which doubles the slant) or about the wrong centre."""
    v, u = np.mgrid[:20, :20].astype(float)
    upright = np.exp(-((v - 9) ** 2) / 18 - (u - 10) ** 2 / 3)
    slanted = np.exp(-((v - 9) ** 2) / 18 - (u - 10 - 0.5 * (v - 9)) ** 2 / 3)
    out = deskewed(np.stack([upright.ravel(), slanted.ravel(), np.zeros(400)]))
    np.testing.assert_allclose(out[0], upright.ravel(), atol=1e-3)
    np.testing.assert_allclose(out[1], upright.ravel(), atol=0.1)
    assert np.abs(slanted - upright).max() > 0.3
    assert not out[2].any()
    with pytest.raises(InvalidInput, match="square"):
        deskewed(np.ones((3, 10)))
    with pytest.raises(InvalidInput, match="brightness"):
        deskewed(-np.ones((3, 9)))


def test_starts_show_the_failure_and_its_cure() -> None:
    """Catches a naive run that does not fail (then the cure shows nothing) and re-seeding that leaves dead groups."""
    rng = generator(5, "starts")
    planes = np.linalg.qr(rng.standard_normal((20, 60, 2)))[0]
    points = np.einsum("knd,kd->kn", np.repeat(planes, 20, axis=0), rng.standard_normal((400, 2)))
    rows = {row["start"]: row for row in start_report(unit_rows(points), 20, 2, 0, 2)}
    naive = rows["random blocks, one threshold for all points"]
    cured = rows["random blocks, threshold per point, starved groups re-seeded"]
    assert naive["dead"] + naive["silent"] > 0.5
    assert cured["dead"] == cured["silent"] == 0
    assert cured["residual"] < naive["residual"]
    assert naive["seen"] < rows["blocks at neighbours, threshold per point"]["seen"]


def test_unfolded_network_finds_the_planes() -> None:
    """Catches codes whose groups are mixed up on the way to the graph: the planes are then lost."""
    Y, labels = union_of_subspaces(0.1)
    assert hungarian_accuracy(labels, network(Y, 4, 0, block=2)) > 0.95


def test_training_step_never_raises_the_loss() -> None:
    """Catches a wrong update (sign, transposed moment, missing retraction) at every round."""
    Y, _ = union_of_subspaces(0.2)
    rng = generator(2, "loss")
    W = random_blocks(12, 6, 2, rng)
    Z = compressed(Y, 1.0)
    losses = []
    for _ in range(8):
        losses.append(1 - float(np.square(responses(Z, W).max(axis=1)).mean()))
        W = train_blocks(Z, W, rng, 1, reseed=False)
    assert all(b <= a + 1e-6 for a, b in pairwise(losses))
    assert losses[-1] < losses[0] - 0.05


def test_codes_at_the_threshold_of_each_point() -> None:
    """Catches off-by-one in the threshold: exactly gamma groups fire, with norms (a - tau)_+ / a."""
    strength = np.array([[0.9, 0.6, 0.3, 0.1], [0.2, 0.8, 0.4, 0.5]])
    np.testing.assert_array_equal(code_norms(strength, 1), [[1, 0, 0, 0], [0, 1, 0, 0]])
    two = np.array([[1 - 0.3 / 0.9, 1 - 0.3 / 0.6, 0, 0], [0, 1 - 0.4 / 0.8, 0, 1 - 0.4 / 0.5]])
    np.testing.assert_allclose(
        code_norms(strength, 2), two / np.linalg.norm(two, axis=1, keepdims=True), atol=1e-12
    )


def test_block_start_spans_a_noise_free_plane() -> None:
    """Catches right and left singular vectors mixed up."""
    Y, labels = union_of_subspaces(0.0)
    own = Y[labels == 0]
    W = blocks_at(own, np.array([3]), 2)[0]
    np.testing.assert_allclose(own @ W @ W.T, own, atol=1e-6)


def test_reseeding_leaves_no_group_dead_from_a_random_start() -> None:
    """Catches re-seeding that does nothing: without it most random blocks never hold a point."""
    Y, _ = union_of_subspaces()
    Z = compressed(Y, 1.0)

    def alive(reseed: bool) -> int:
        rng = generator(3, "random start")
        W = train_blocks(Z, random_blocks(Z.shape[1], 12, 2, rng), rng, 8, reseed)
        return int((np.bincount(responses(Z, W).argmax(axis=1), minlength=12) > 0).sum())

    assert alive(True) == 12
    assert alive(False) < 12


def test_slow_baselines_find_what_they_should() -> None:
    """Catches a row expressed by itself, and codes that carry nothing of the groups."""
    rng = generator(0, "four dimensions each")  # planes of two dimensions are expressed by too few terms
    spans = np.linalg.qr(rng.standard_normal((3, 15, 4)))[0]
    owner = np.repeat(np.arange(3), 60)
    points = unit_rows(np.einsum("knd,kd->kn", spans[owner], rng.standard_normal((180, 4))))
    assert hungarian_accuracy(owner, self_expression(points, 3, 0, terms=4, candidates=100)) > 0.95
    X, labels = union_of_subspaces(noise=0.02, each=40)
    assert hungarian_accuracy(labels, relu_codes(X, 4, 0, units=24)) > 0.5
    assert [method.name for method in baselines() if method.slow] == [
        "sparse subspace clustering (OMP)",
        "ReLU autoencoder, k-means on codes",
    ]


def test_ensemble_finds_the_planes() -> None:
    """Catches a co-activation that is not of groups, and a run that is not reproducible."""
    Y, labels = union_of_subspaces()
    sizes = Ensemble(20, (20, 30), (2, 2))
    assert hungarian_accuracy(labels, ensemble(Y, 4, 0, sizes=sizes)) > 0.95
    again = ensemble(Y, 4, 0, sizes=sizes)
    np.testing.assert_array_equal(again, ensemble(Y, 4, 0, sizes=sizes))


def test_ensemble_finds_the_planes_from_random_blocks() -> None:
    """Catches a random start whose groups stay dead: without re-seeding the planes are lost."""
    Y, labels = union_of_subspaces()
    sizes = Ensemble(20, (20, 30), (2, 2))
    found = ensemble(Y, 4, 0, sizes=sizes, random_start=True)
    assert hungarian_accuracy(labels, found) > 0.95
    assert not np.array_equal(
        ensemble_codes(compressed(Y), 1, generator(0, "x"), sizes),
        ensemble_codes(compressed(Y), 1, generator(0, "x"), sizes, random_start=True),
    )


def test_choice_takes_the_stable_candidate() -> None:
    """Catches a choice that prefers the least stable, or that sees anything but the clusterings."""

    def toss(Y: Array, clusters: int, seed: int, noisy: bool) -> Array:
        fixed = (Y[:, 0] > Y[:, 0].mean()).astype(int)
        return generator(seed, "toss").integers(0, 2, len(Y)) if noisy else fixed

    Y, _ = union_of_subspaces()
    method = Method("toss", toss, ({"noisy": True}, {"noisy": False}))
    chosen, tried = choose(method, Y, 2, 0, lambda _: None)
    assert chosen == {"noisy": False}
    assert tried[1]["stability"] > 0.9 > 0.2 > abs(tried[0]["stability"])


def test_labels_reach_nothing_but_the_score() -> None:
    """Catches any use of labels before the end: permuted labels must leave every clustering as it is."""
    Y, labels = union_of_subspaces()
    shuffled = generator(4, "labels").permutation(labels)
    methods = [
        Method("ensemble", lambda *a: ensemble(*a, sizes=Ensemble(5, (30, 40), (2, 2)))),
        *baselines()[:3],
    ]
    runs = [
        run_clustering(Images("planes", Y, truth, 4), 1, methods=methods)
        for truth in (labels, shuffled, None)
    ]
    for rows in zip(*(run["rows"] for run in runs), strict=True):
        assert rows[0]["internal"] == rows[1]["internal"] == rows[2]["internal"]
        assert rows[0]["candidates"] == rows[1]["candidates"] == rows[2]["candidates"]
        assert rows[1]["acc_mean"] < 0.5
        assert "acc_mean" not in rows[2]


def test_only_some_methods_are_renewed_in_a_record() -> None:
    """Catches rows of other methods lost, old rows kept beside new ones, and a name that matches nothing run as all."""
    Y, labels = union_of_subspaces(each=30)
    new = run_clustering(Images("planes", Y, labels, 4), 1, only=["k-means"])
    assert {row["method"] for row in new["rows"]} == {
        "k-means",
        "K-subspaces from k-means",
        "ReLU autoencoder, k-means on codes",
    }
    old = {"seeds": 7, "provenance": 1, "rows": [{"method": "k-means", "acc": 0}, {"method": "x"}]}
    both = joined(old, new)
    assert both["rows"] == [*new["rows"], {"seeds": 7, "method": "x"}]
    assert both["earlier"] == [1]
    assert joined(None, new) == new
    assert joined({**old, "rows": old["rows"][:1]}, new) == new
    with pytest.raises(UnknownName, match="k-means"):
        run_clustering(Images("planes", Y, labels, 4), 1, only=["kmeans"])


def test_command_on_a_file_prints_json_alone(tmp_path: Path) -> None:
    """Catches text beside the JSON, a missing control, labels read but not scored, a joined file emptied."""
    Y, labels = union_of_subspaces(each=30)
    np.save(tmp_path / "points.npy", Y)
    np.save(tmp_path / "truth.npy", labels)
    arguments = ["cluster", "--data", str(tmp_path / "points.npy"), "--seeds", "1", "--json"]
    arguments += ["--join", str(tmp_path / "set.json")]
    other = {"schema": "gsae-cluster-set", "version": 1, "data": {"other": {"kept": True}}}
    (tmp_path / "set.json").write_text(json.dumps(other))
    run = CliRunner().invoke(main, [*arguments, "--clusters", "4", "--labels", str(tmp_path / "truth.npy")])
    assert run.exit_code == 0, run.output
    record = json.loads(run.stdout)
    joined = json.loads((tmp_path / "set.json").read_text())["data"]
    assert joined == {"other": {"kept": True}, "points.npy": record}
    rows = {row["method"]: row for row in record["rows"]}
    assert CONTROL in rows
    assert rows["group-sparse ensemble"]["acc_mean"] > 0.9
    refused = CliRunner().invoke(main, arguments)
    assert refused.exit_code == 2
    assert "clusters" in refused.output
