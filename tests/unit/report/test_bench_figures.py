"""Figures of the benchmark: what they draw is what the table says."""

import numpy as np
import pytest

from gsae_theory.report.bench_figures import limit_figure, scaling_figure, speedup_figure, write_figures

ROWS = [
    {"config": [1024, 128, 8, 1, 20000], "ratio_dense": 90.0, "ratio_torch": 58.0, "ratio_jax": None},
    {"config": [2048, 64, 8, 3, 50000], "ratio_dense": 80.0, "ratio_torch": 62.0, "ratio_jax": None},
]
LIMIT = {
    "n": 512, "G": 64, "d": 4, "gamma": 1,
    "rows": [{"N": N, "ratio_torch": N / 100} for N in (256, 1024, 4096)],
}  # fmt: skip
SERIES = [
    {"axis": "n", "measured": "per sample", "x": [256.0, 512.0], "seconds": [1.0, 1.0], "exponent": 0.0, "predicted": 0.0},
    {"axis": "N", "measured": "whole step", "x": [1.0, 2.0], "seconds": [1.0, 2.0], "exponent": 1.0, "predicted": 1.0},
]  # fmt: skip


def test_bars_are_the_ratios_and_absent_frameworks_are_left_out():
    """Catches a bar under another framework's name."""
    (ax,) = speedup_figure(ROWS).axes
    heights = [[bar.get_height() for bar in bars] for bars in ax.containers]
    assert heights == [[90.0, 80.0], [58.0, 62.0]]
    assert [bars.get_label() for bars in ax.containers] == ["NumPy on the data", "PyTorch autograd"]


def test_limit_lines_are_ten_and_five_times_N_over_m():
    """Catches a limit with n or G in place of m = G d."""
    (ax,) = limit_figure(LIMIT).axes
    single, double, measured, _ = ax.lines
    for line, factor in ((single, 10), (double, 5)):
        np.testing.assert_allclose(line.get_ydata(), factor * np.asarray(line.get_xdata()) / 256)
    assert list(measured.get_ydata()) == [2.56, 10.24, 40.96]


def test_scaling_shows_what_is_per_sample():
    (ax,) = scaling_figure(SERIES).axes
    assert len(ax.lines) == 2


@pytest.mark.parametrize(("table", "stems"), [({}, set()), ({"gradient_step": ROWS}, {"bench_speedup"})])
def test_files(tmp_path, table, stems):
    assert {path.stem for path in write_figures(table, tmp_path / "new")} == stems
