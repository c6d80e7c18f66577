"""What a code-space step has to do at least: flops and bytes, and the time the machine needs for them."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Machine:
    """Measured rates.

    Attributes
    ----------
    gemm : dict
        flop/s of a large matrix product, for float64 and float32.
    bandwidth : float
        byte/s of a + b beyond the cache.
    """

    gemm: dict[str, float]
    bandwidth: float


@dataclass(frozen=True)
class Work:
    """Flops by type and bytes of one certified step.

    With one active group K is needed for its bounds only, in float32, and everything else is one block per
    group. Otherwise K and M are full; M is symmetric, so that half of it is enough. Per sample u, M h,
    x (h + v)^T take 2 (gamma d)^2 flops each and h h^T half of it.
    """

    products: dict[str, float]
    samples: float
    product_bytes: float
    sample_bytes: float

    def seconds(self, machine: Machine, dtype: str) -> float:
        """Return the time at the machine's rates: the larger of arithmetic and traffic, phase by phase."""
        arithmetic = sum(flops / machine.gemm[kind] for kind, flops in self.products.items())
        products = max(arithmetic, self.product_bytes / machine.bandwidth)
        return products + max(self.samples / machine.gemm[dtype], self.sample_bytes / machine.bandwidth)

    @property
    def flops(self) -> float:
        """All of them."""
        return sum(self.products.values()) + self.samples


def needed(n: int, G: int, d: int, gamma: int, N: int, dtype: str = "float64") -> Work:
    """Return the work of a certified step."""
    m, width = G * d, 8 if dtype == "float64" else 4
    products = dict.fromkeys(("float64", "float32"), 0.0)
    if gamma == 1:
        products["float32"] += 2.0 * n * m * m
        products[dtype] += 4 * 2.0 * n * m * d
    else:
        products[dtype] += (2 + 1 + 4) * 1.0 * n * m * m
    return Work(
        products=products,
        samples=7.0 * N * (gamma * d) ** 2,
        product_bytes=3.0 * n * m * width,
        sample_bytes=N * gamma * (d * width + 8.0),
    )


def dense_flops(n: int, G: int, d: int, N: int) -> float:
    """Return the flops of the step on the data: five products of N x n x m."""
    return 10.0 * N * n * G * d


def profile(step: Callable[[], Any], top: int = 6) -> list[dict[str, Any]]:
    """Return where a step spends its time: the functions with the largest own time and their share."""
    watch = cProfile.Profile()
    watch.runcall(step)
    rows = pstats.Stats(watch).stats.items()  # type: ignore[attr-defined]
    total = sum(row[2] for _, row in rows)
    largest = sorted(rows, key=lambda item: -item[1][2])[:top]
    return [
        {
            "function": name if not path.endswith(".py") else f"{path.rsplit('/', 1)[-1]}:{name}",
            "share": row[2] / total,
        }
        for (path, _, name), row in largest
    ]
