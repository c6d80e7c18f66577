"""The engine and its store, without killing anything.

Catches: a store that takes another spec or version, two writers at once, limits that lose cells, failed
cells that end a sweep or are computed again, tables that depend on order, results that are no JSON.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gsae_theory.errors import InvalidInput, UnreadableFile
from gsae_theory.sweep import (
    Cell,
    DaskWorkers,
    InProcess,
    Limits,
    LocalProcesses,
    State,
    Store,
    StoreInUse,
    StoreMismatch,
    Sweep,
    canonical,
    one_round,
    run,
)

CALLS: list[int] = []


def square(parameters: Mapping[str, Any], seed: int) -> dict[str, Any]:
    CALLS.append(parameters["x"])
    if parameters["x"] == 3:
        raise ValueError("three")
    return {"y": parameters["x"] ** 2, "seed": seed}


def interrupted(parameters: Mapping[str, Any], seed: int) -> dict[str, Any]:
    if parameters["x"] == 4:
        raise KeyboardInterrupt
    return {"y": parameters["x"] ** 2, "seed": seed}


def squares(n: int = 6, version: str = "1", task: Any = square, **spec: Any) -> Sweep:
    cells = [Cell({"x": x}) for x in range(n)]
    return Sweep("squares", task, one_round(cells), {"n": 6, **spec}, version, seed=1)


def test_complete_run_and_failed_cell(tmp_path: Path) -> None:
    with Store(tmp_path, squares()) as store:
        states: list[State] = []
        state = run(squares(), store, InProcess(), watch=states.append)
        assert (state.ending, state.done, state.planned, state.failed) == ("complete", 6, 6, 1)
        assert states[-1].computed == 6
        assert states[1].remaining is not None
        assert store.value(Cell({"x": 2}))["y"] == 4  # type: ignore[index]
        assert store.value(Cell({"x": 3})) is None
        ((parameters, error),) = store.failures()
        assert parameters == '{"x":3}'
        assert error.endswith("ValueError: three\n")
        assert "test_sweep_engine.py" in error
        assert "execute.py" not in error
        with pytest.raises(InvalidInput, match="earlier round"):
            store.value(Cell({"x": 99}))
        CALLS.clear()
        assert run(squares(), store, InProcess()).computed == 0
        assert CALLS == []
        assert store.forget_failures() == 1
        run(squares(), store, InProcess())
        assert CALLS == [3]


def test_limits_leave_a_store_that_resumes_to_the_same_table(tmp_path: Path) -> None:
    with Store(tmp_path / "whole", squares()) as store:
        run(squares(), store, InProcess())
        whole = store.table()
    with Store(tmp_path / "parts", squares()) as store:
        assert run(squares(), store, InProcess(), Limits(cells=2)).ending == "max-cells"
        assert sum(store.counts().values()) == 2
        assert run(squares(), store, InProcess(), Limits(seconds=1e-9)).ending == "max-seconds"
    with Store(tmp_path / "parts", squares()) as store:
        assert run(squares(), store, InProcess()).ending == "complete"
        assert store.table() == whole
    with pytest.raises(InvalidInput, match="max-cells"):
        Limits(cells=0)


def test_interruption_keeps_what_is_done(tmp_path: Path) -> None:
    asked = squares(task=interrupted)
    with Store(tmp_path, asked) as store:
        assert run(asked, store, InProcess()).ending == "interrupted"
        assert store.counts() == {"done": 4, "failed": 0}
        assert run(squares(), store, InProcess()).ending == "complete"


def test_another_spec_version_or_writer_is_refused(tmp_path: Path) -> None:
    with Store(tmp_path, squares()), pytest.raises(StoreInUse, match="another process"):
        Store(tmp_path, squares())
    with pytest.raises(StoreMismatch, match=r"another spec \(colour = null there, \"red\" asked\)"):
        Store(tmp_path, squares(colour="red"))
    with pytest.raises(StoreMismatch, match="version 1, this run is version 2"):
        Store(tmp_path, squares(version="2"))
    Store(tmp_path, squares()).close()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "sweep.sqlite").write_text("this is text, long enough to be taken for a file " * 9)
    with pytest.raises(UnreadableFile, match="cannot read the store"):
        Store(tmp_path / "other", squares())


def test_results_must_be_plain_data(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="plain JSON"):
        canonical({"x": float("nan")})
    assert canonical({"b": 1, "a": [1.5]}) == '{"a":[1.5],"b":1}'
    asked = squares(task=lambda parameters, seed: {"y": {1, 2}})
    with Store(tmp_path, asked) as store:
        assert run(asked, store, InProcess()).failed == 6


def test_seeds_belong_to_cells() -> None:
    """Adding a cell moves no other; the sweep's seed moves all."""
    assert Cell({"x": 1, "y": 2}).seed(0) == Cell({"y": 2, "x": 1}).seed(0)
    assert len({Cell({"x": x}).seed(base) for x in range(50) for base in range(3)}) == 150


def test_repeated_cells_are_computed_once(tmp_path: Path) -> None:
    CALLS.clear()
    asked = Sweep("twice", square, one_round([Cell({"x": 1}), Cell({"x": 1})]), {}, "1")
    with Store(tmp_path, asked) as store:
        state = run(asked, store, InProcess())
    assert CALLS == [1]
    assert (state.done, state.planned) == (2, 2)


def test_bad_executors_are_refused() -> None:
    with pytest.raises(InvalidInput, match="workers"):
        LocalProcesses(0)
    with pytest.raises(InvalidInput, match="exactly one"):
        DaskWorkers()


def test_a_script_without_main_guard_is_told_so(tmp_path: Path) -> None:
    """Workers that cannot start blame no cell: without the check every cell was recorded as failed."""
    script = tmp_path / "unguarded.py"
    script.write_text(
        "import sys\n"
        "from gsae_theory.sweep import *\n"
        "def task(parameters, seed):\n    return {}\n"
        "sweep = Sweep('s', task, one_round([Cell({'x': 1})]), {}, '1')\n"
        "with Store(sys.argv[1], sweep) as store:\n    run(sweep, store, LocalProcesses(1))\n"
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "store")],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "NoWorkers" in done.stderr
    assert "if __name__ == '__main__':" in done.stderr
