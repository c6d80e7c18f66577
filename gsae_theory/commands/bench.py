"""`gsae bench`: timings against other frameworks and against what the machine can do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gsae_theory import __version__
from gsae_theory.cli_common import HELP, OutputFolder, emit, json_option


@click.command(context_settings=HELP)
@click.option(
    "--quick", is_flag=True, help="Small sizes, few rounds: seconds instead of a quarter of an hour."
)
@click.option("--threads", "count", type=int, default=1, show_default=True, help="Threads of every library.")
@click.option(
    "--only",
    "parts",
    multiple=True,
    metavar="PART",
    help="Only this part: gradient_step, scaling, many_models, memory or dictionary_learning; may be repeated.",
)
@click.option("--figures", type=OutputFolder(), default=None, help="Also draw the figures into this folder.")
@json_option
def bench(quick: bool, count: int, parts: tuple[str, ...], figures: Path | None, as_json: bool) -> None:
    """Time the gradient step against dense NumPy, PyTorch and JAX, and against this machine's peak.

    \b
    gsae bench --quick                    does it run, what does it print
    gsae bench --json > bench.json        the whole table
    gsae bench --only gradient_step       one part

    All ratios come from one run with contestants in turn, after warm-up; medians over rounds. What is not
    installed is left out (pip install 'gsae_theory[bench]').
    """
    from gsae_theory.bench.run import benchmark
    from gsae_theory.cli_text import watched

    with watched(None) as step:
        table = {"version": __version__, **benchmark(quick, count, parts, step)}
    if as_json:
        emit(table)
    else:
        _print(table)
    if figures is not None:
        from gsae_theory.report.bench_figures import write_figures

        write_figures(table, figures)


def _print(table: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    peak = table["machine"]["gemm_peak_flops"]
    console.print(
        f"{table['threads']} thread(s), GEMM peak {peak['float64'] / 1e9:.0f} Gflop/s (float64), "
        f"{peak['float32'] / 1e9:.0f} (float32), {table['machine']['memory_bandwidth_bytes'] / 1e9:.0f} GB/s"
    )
    if rows := table.get("gradient_step"):
        grid = Table(title="gradient step: how many times faster than")
        for name in (
            "n, G, d, gamma, N",
            "ms",
            "dense",
            "torch",
            "compile",
            "jax",
            "numba",
            "roofline",
            "numba",
            "max |diff|",
        ):
            grid.add_column(name, justify="right")
        for row in rows:
            ratios = [
                _times(row[f"ratio_{name}"])
                for name in ("dense", "torch", "torch_compile", "jax", "code_space_numba")
            ]
            own = f"{1e3 * row['seconds']['code_space']:.1f}"
            shares = [row["roofline_fraction"], row["roofline_fraction_numba"]]
            shown = ["-" if x is None else f"{100 * x:.0f} %" for x in shares] + [
                f"{row['max_abs_diff']:.1e}"
            ]
            grid.add_row(str(row["config"])[1:-1], own, *ratios, *shown)
        console.print(grid)
    if found := table.get("scaling"):
        for one in found["series"]:
            console.print(
                f"exponent in {one['axis']}, {one['measured']}: {one['exponent']:.2f} (predicted {one['predicted']:g})"
            )
    if many := table.get("many_models"):
        console.print(
            f"{many['models']} models x {many['steps']} exact steps: {many['seconds']:.1f} s with the choice of the rule, "
            f"{many['ratio_loop']:.0f} times a loop"
        )
    if memory := table.get("memory"):
        for row in memory["stream"]["rows"]:
            console.print(
                f"stream of {row['samples']:.0e}: {row['seconds']:.1f} s, memory + {(row['peak_growth_bytes'] or 0) / 1e6:.0f} MB"
            )
    if learnt := table.get("dictionary_learning"):
        for row in learnt["rows"]:
            times = ", ".join(
                f"{target:g}: " + ("not reached" if t is None else f"{t:.2f} s")
                for target, t in zip(learnt["targets"], row["seconds_to"], strict=True)
            )
            console.print(f"dictionary learning, {row['method']}: {times}")


def _times(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.3g}x"
