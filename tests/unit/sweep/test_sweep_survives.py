"""Killed at any moment, a sweep loses no cell, has none twice, and ends with the same table.

Catches: results kept in memory and written at the end, a transaction per batch that is left half, a
resumed run that plans other cells, seeds that depend on order or process, workers that outlive a killed
parent, a lost worker that takes its cells with it.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from gsae_theory.sweep import DaskWorkers, InProcess, Store, run

sys.path.insert(0, str(Path(__file__).parent))
import killable

SCRIPT = Path(__file__).with_name("killable.py")
ROOT = Path(__file__).resolve().parents[3]
DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
KILLS = 30 if DEEP else 3
CELLS = 3 * killable.ROUND


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The table of an uninterrupted run in this process."""
    folder = tmp_path_factory.mktemp("reference")
    asked = killable.sweep(str(folder / "log"), 0.0)
    with Store(folder, asked) as store:
        assert run(asked, store, InProcess()).ending == "complete"
        return store.table()


def begin(folder: Path, executor: str, seconds: float) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(SCRIPT), str(folder), executor, str(folder / "log"), str(seconds)]
    path = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen(command, env=path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def lines(log: Path) -> list[list[str]]:
    return [line.split() for line in log.read_text().splitlines()] if log.exists() else []


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="kill -9 and /proc")
@pytest.mark.parametrize("executor", ["inprocess", "processes"])
def test_kill_9_at_random_moments(tmp_path: Path, reference: str, executor: str) -> None:
    chance = random.Random(f"kill {executor}")
    # Slow cells make the run last longer than all kills together.
    seconds = 0.05 if DEEP else 0.02
    kills, before = 0, 0
    while kills < KILLS:
        process = begin(tmp_path, executor, seconds)
        # Kill after some cells of this run, so that each run gets somewhere.
        target = before + chance.randint(1, 4)
        limit = time.monotonic() + 60
        while len(lines(tmp_path / "log")) < target:
            assert process.poll() is None, process.stderr.read().decode() if process.stderr else ""
            assert time.monotonic() < limit, "the sweep does not move"
            time.sleep(chance.uniform(0, 0.01))
        time.sleep(chance.uniform(0, 0.03))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += 1
        deadline = time.monotonic() + 60  # a busy machine is no failure; the worker looks every moment
        workers = {int(pid) for *_, pid in lines(tmp_path / "log")}
        while any(alive(pid) for pid in workers):
            assert time.monotonic() < deadline, "a worker outlived its killed parent"
            time.sleep(0.02)
        before = len(lines(tmp_path / "log"))
    process = begin(tmp_path, executor, 0.0)
    said, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors.decode()
    assert said.decode() == f"complete {{'done': {CELLS - 6}, 'failed': 6}}\n"
    asked = killable.sweep("", 0.0)
    with Store(tmp_path, asked) as store:
        table = store.table()
        assert sum(store.counts().values()) == CELLS
    assert table == reference
    # A cell is computed again only if its result was not stored yet when the process died.
    times = Counter((number, index) for number, index, _ in lines(tmp_path / "log"))
    assert len(times) == CELLS
    again = sum(times.values()) - CELLS
    assert again <= kills * (1 if executor == "inprocess" else 2 * 4), f"{again} cells computed again"


@pytest.mark.skipif(sys.platform != "linux", reason="kill -9")
def test_dask_gives_the_same_table_and_survives_a_killed_worker(tmp_path: Path, reference: str) -> None:
    """Two Dask workers, one killed in the middle: the table of the in-process run, every cell once."""
    asked = killable.sweep(str(tmp_path / "log"), 0.01)
    cluster = DaskWorkers(workers=2)
    try:
        victims: list[int] = []

        def watch(state: object) -> None:
            if not victims and getattr(state, "computed", 0) >= 20:
                victims.append(int(lines(tmp_path / "log")[-1][2]))
                os.kill(victims[0], signal.SIGKILL)

        with Store(tmp_path / "store", asked) as store:
            state = run(asked, store, cluster, watch=watch)
            table = store.table()
    finally:
        cluster.close()
    assert victims
    assert state.ending == "complete"
    assert state.done == state.planned == CELLS
    assert table == reference


@pytest.mark.skipif(sys.platform != "linux", reason="kill -9")
def test_a_killed_local_worker_costs_no_cell(tmp_path: Path, reference: str) -> None:
    from gsae_theory.sweep import LocalProcesses

    asked = killable.sweep(str(tmp_path / "log"), 0.01)
    pool = LocalProcesses(2)
    victims: list[int] = []

    def watch(state: object) -> None:
        if not victims and getattr(state, "computed", 0) >= 20:
            victims.append(int(lines(tmp_path / "log")[-1][2]))
            os.kill(victims[0], signal.SIGKILL)

    try:
        with Store(tmp_path / "store", asked) as store:
            assert run(asked, store, pool, watch=watch).ending == "complete"
            table = store.table()
    finally:
        pool.close()
    assert victims
    assert table == reference
