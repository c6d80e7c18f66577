"""What a code-space step is allowed to do: counted operations, not times, so that no machine matters."""

import numpy as np
import pytest

from gsae_theory.bench.instances import LAM, instance
from gsae_theory.network import GROUP_RELU
from gsae_theory.simulate.block_sums import NUMPY, Kernels
from gsae_theory.simulate.step_sums import StepSums
from gsae_theory.simulate.step_tables import Dictionary, StepTables


class Counter:
    """Kernels that count the multiply-adds they are asked for."""

    def __init__(self) -> None:
        self.count = 0
        self.kernels = Kernels("counted", NUMPY.chunk, self.apply_blocks, self.add_outer, self.add_gram)

    def apply_blocks(self, table, index, x):
        self.count += index.size * table.shape[0] * table.shape[1]
        return NUMPY.apply_blocks(table, index, x)

    def add_outer(self, total, index, left, right):
        self.count += index.size * total.shape[0] * total.shape[1]
        NUMPY.add_outer(total, index, left, right)

    def add_gram(self, total, index, h):
        self.count += index.size * total.shape[0] * total.shape[1]
        NUMPY.add_gram(total, index, h)


def counted(n, G, d, gamma, N):
    """Return the multiply-adds of the samples and the full products of one step."""
    case = instance(n, G, d, gamma, N)
    counter = Counter()
    tables = StepTables(case.W, Dictionary(case.model.dictionary, "float64"))
    sums = StepSums(tables, LAM, GROUP_RELU, False, counter.kernels)
    sums.add(case.sample.support, case.sample.values)
    sums.gradient()
    assert sums.certified == N
    return counter.count, tables.products


@pytest.mark.parametrize(("gamma", "d"), [(1, 4), (2, 2), (3, 2)])
def test_a_certified_sample_costs_four_times_its_block_entries(gamma, d):
    """Catches work per sample that grows with n or m: the count is 4 N (gamma d)^2 whatever n and G are."""
    for n, G in ((64, 8), (128, 8), (128, 16)):
        assert counted(n, G, d, gamma, 500)[0] == 4 * 500 * (gamma * d) ** 2


def test_one_active_group_needs_one_product_in_single_precision_only():
    """Catches a full float64 product, or W^T W in full, where one block per group is enough."""
    assert counted(64, 8, 4, 1, 500)[1] == {"K in float32": (64, 32, 32)}


def test_several_active_groups_form_each_product_once():
    """Catches products formed again for every piece of the data."""
    assert counted(64, 8, 2, 2, 40_000)[1] == {"K": (64, 16, 16), "M": (64, 16, 16)}


def test_nothing_of_ambient_size_is_formed_per_sample():
    """Catches data y = A x formed on the way: the largest array allocated stays below N n numbers."""
    import tracemalloc

    case = instance(512, 8, 2, 2, 20_000)
    tables = StepTables(case.W, Dictionary(case.model.dictionary, "float64"))
    sums = StepSums(tables, LAM, GROUP_RELU, True)
    tracemalloc.start()
    sums.add(case.sample.support, case.sample.values)
    sums.gradient()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000 * 512 * 8 / 4
    assert np.isfinite(sums.loss)
