"""Run the drawing scripts of the docs: `python docs/site/pictures.py FOLDER SCRIPT...` writes FOLDER/<name>.svg.

A script draws with pyplot and ends with `plt.show()`; here its last figure is saved instead.
"""

from __future__ import annotations

import json
import runpy
import sys
import time
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from gsae_theory.report.figures import STYLE

PAGE_STYLE = {
    **STYLE,
    "font.size": 9,
    "axes.labelsize": 9,
    "axes.titlesize": 9,
    "legend.fontsize": 8,
    "figure.dpi": 150,
}


def draw(script: Path, folder: Path, kind: str = "svg") -> dict[str, float]:
    """Run `script` and save its figure.

    Raises
    ------
    RuntimeError
        If it drew nothing, or left an axis without a label.
    """
    plt.close("all")
    began = time.perf_counter()
    with matplotlib.rc_context({**PAGE_STYLE, "svg.hashsalt": script.stem, "svg.fonttype": "path"}):
        runpy.run_path(str(script), run_name="__main__")
        if not plt.get_fignums():
            raise RuntimeError(f"{script} drew nothing")
        figure = plt.gcf()
        bare = [
            ax for ax in figure.axes if ax.axison and ax.get_label() != "<colorbar>" and not ax.get_xlabel()
        ]
        if bare:
            raise RuntimeError(f"{script}: an axis has no label")
        figure.savefig(folder / f"{script.stem}.{kind}", metadata={"Date": None} if kind == "svg" else None)
    plt.close("all")
    return {script.stem: round(time.perf_counter() - began, 2)}


def main() -> int:
    """Draw every script given; print the seconds that each took as JSON."""
    folder, *scripts = map(Path, sys.argv[1:])
    folder.mkdir(parents=True, exist_ok=True)
    times: dict[str, float] = {}
    for script in scripts:
        times |= draw(script, folder)
    sys.stdout.write(json.dumps(times) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
