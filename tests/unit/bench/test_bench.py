"""The benchmark machinery: what is compared computes the same thing, clocks and rooflines count right.

Nothing here is a timing: a busy machine changes no result.
"""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from gsae_theory.bench.frameworks import jax_step, torch_step
from gsae_theory.bench.gradient_step import gradient_steps, ratio_of
from gsae_theory.bench.instances import LAM, instance
from gsae_theory.bench.learning import subspace_error
from gsae_theory.bench.many import many_models, property_models, streams
from gsae_theory.bench.roofline import Machine, dense_flops, needed, profile
from gsae_theory.bench.run import benchmark
from gsae_theory.bench.timing import PeakMemory, exponent, interleaved
from gsae_theory.cli import main
from gsae_theory.errors import InvalidInput, UnknownName
from gsae_theory.network import loss_and_gradient
from gsae_theory.seeds import generator
from gsae_theory.simulate import haar_rotations, rotate_blocks


@pytest.mark.parametrize("make", [torch_step, jax_step])
def test_other_frameworks_compute_the_same_gradient(make):
    """Catches a comparison with another loss, another mean or another activation."""
    case = instance(24, 6, 2, 2, 50)
    Y = case.observed()
    step = make(case.W, Y, LAM)
    if step is None:
        pytest.skip("not installed")
    for _ in range(2):  # autograd adds to what an earlier call left
        np.testing.assert_allclose(step(), loss_and_gradient(case.W, Y, LAM)[1], atol=1e-14)


def test_contestants_take_turns_after_a_warm_up():
    """Catches blocks of runs instead of turns, and a slow contestant that runs in other rounds."""
    calls = []
    runs = {name: (lambda n=name: calls.append(n)) for name in "ab"}
    times = interleaved(runs, 3, {"b": 2})
    assert calls == list("ab" + "ab" + "ab" + "a")
    assert [len(times[name]) for name in "ab"] == [3, 2]


def test_roofline_by_hand():
    """Catches a missing product, a byte counted as a flop, and a float32 product at the float64 rate."""
    one = needed(100, 10, 2, 1, 1000)
    assert one.products == {"float64": 8 * 100 * 20 * 2, "float32": 2 * 100 * 20 * 20}
    assert one.samples == 7 * 1000 * 4
    two = needed(100, 10, 2, 2, 1000)
    assert two.products == {"float64": 7 * 100 * 20 * 20, "float32": 0}
    assert two.sample_bytes == 1000 * 2 * (2 * 8 + 8)
    fast_memory = Machine({"float64": 1e9, "float32": 2e9}, 1e15)
    assert two.seconds(fast_memory, "float64") == pytest.approx((280_000 + 7 * 1000 * 16) / 1e9)
    slow_memory = Machine({"float64": 1e18, "float32": 1e18}, 1e6)
    assert two.seconds(slow_memory, "float64") == pytest.approx((3 * 100 * 20 * 8 + 48_000) / 1e6)
    assert dense_flops(100, 10, 2, 1000) == 10 * 1000 * 100 * 20


def test_small_parts():
    assert exponent([1.0, 2.0, 4.0], [3.0, 12.0, 48.0]) == pytest.approx(2)
    with PeakMemory() as memory:
        np.ones(20_000_000).sum()
    assert memory.growth is None or memory.growth > 100_000_000
    rows = profile(lambda: sorted(range(10_000), key=lambda i: -i))
    assert sum(row["share"] for row in rows) == pytest.approx(1)
    A = instance(20, 5, 2, 1, 1).model.dictionary
    assert subspace_error(rotate_blocks(A, haar_rotations(5, 2, generator(0, "Q"))), A) < 1e-7
    assert subspace_error(np.roll(A, 1, axis=1), A) == pytest.approx(1)


def test_models_together_equal_models_one_by_one():
    """Catches an ensemble that leaves its certificate: every drawn start is inside the window."""
    found = many_models(12, 5, lambda _: None)
    assert found["max_abs_diff"] < 1e-12
    assert found["certified_share"] == 1.0
    assert len({model.n for model in property_models(12)[0]}) > 1


def test_a_row_of_the_table(monkeypatch):
    """Catches a row without its keys, a difference that is not that of the gradients."""
    monkeypatch.setattr("gsae_theory.bench.gradient_step.QUICK", ((64, 8, 2, 2, 4000),))
    machine = Machine({"float64": 1e10, "float32": 2e10}, 1e10)
    (row,) = gradient_steps(machine, True, lambda _: None)
    assert row["config"] == [64, 8, 2, 2, 4000]
    assert row["max_abs_diff"] < 1e-15
    assert 1e-12 < row["max_abs_diff_of"]["code_space_float32"] < 1e-6
    assert row["certified"] == 1.0
    assert row["roofline_fraction"] > 0
    assert {"dense", "code_space"} <= set(row["seconds"])
    assert row["ratio_dense"] > 0


def test_a_ratio_is_the_other_time_over_ours():
    """Catches a ratio upside down."""
    rounds = {"code_space": [1.0, 1.0, 1.0], "dense": [3.0, 2.0, 4.0]}
    assert ratio_of(rounds, "dense") == 3.0


def test_memory_of_a_stream_does_not_grow():
    """Catches a stream that is kept: 40 times the samples, 24 bytes each, would be 9 MB more than allowed."""
    rows = streams((10_000, 400_000), lambda _: None)["rows"]
    if rows[0]["peak_growth_bytes"] is not None:
        assert rows[1]["peak_growth_bytes"] < 4_000_000


def test_bad_options_are_refused_before_any_run():
    with pytest.raises(InvalidInput, match="threads"):
        benchmark(True, 0, (), pytest.fail)
    with pytest.raises(UnknownName, match="part"):
        benchmark(True, 1, ("speed",), pytest.fail)


def test_the_command_prints_json_alone():
    """Catches prose on stdout, and a table without the keys that it is known by."""
    found = CliRunner().invoke(main, ["bench", "--quick", "--json", "--only", "many_models"])
    assert found.exit_code == 0, found.output
    table = json.loads(found.stdout)
    assert table["quick"] is True
    assert table["many_models"]["ratio_loop"] > 0
    assert "gradient_step" not in table
    assert table["machine"]["gemm_peak_flops"]["float64"] > 0
