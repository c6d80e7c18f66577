"""Ctrl-C at many moments of every long command: one line, the exit code for it, whole files, nothing left running.

    python tests/tools/interrupted.py                  all commands, the record in reports/reference/interrupted.json
    python tests/tools/interrupted.py report --moments 30

A command is first run to its end, or to HORIZON seconds; then it is started again and again and gets SIGINT as
a terminal sends it (to the command and its workers) at moments that are spread over that time, every third in the
first seconds. Runs follow each other in one folder, so that later ones find what earlier ones left.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gsae_theory import __version__
from gsae_theory.output import write_atomic

ROOT = Path(__file__).resolve().parents[2]
SEED, HORIZON, START = 20261, 90.0, 3.0
DONE = (0, 1, 3)
# Where Ctrl-C meets compiled text (a dataclass being made), CPython ends by the signal itself: a shell says 130.
INTERRUPTED = (130, -signal.SIGINT)
COMMANDS = {
    "report": ["report", "--out", "out"],
    "verify": ["verify"],
    "prove": ["prove"],
    "mutants": ["mutants", "--witnesses", "out"],
    "explore": ["explore", "--all", "--resume", "out", "--workers", "2"],
    "compare": ["compare", "--quick", "--jobs", "2", "--out", "out.json"],
    "cluster": ["cluster", "--out", "out.json"],
    "bench": ["bench", "--figures", "out"],
}


@dataclass(frozen=True)
class Ending:
    """How a run ended: exit code, stderr, seconds from the start, seconds after the signal, and what is wrong."""

    code: int
    messages: str
    seconds: float
    wait: float
    faults: tuple[str, ...]

    @property
    def in_time(self) -> bool:
        """Whether the signal came before the end."""
        return self.code not in DONE


def interrupted(name: str, moment: float, folder: Path) -> Ending:
    """Run a command, send SIGINT `moment` seconds after it begins to listen, and look at what is left."""
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    # PyTorch keeps a cache among the temporary files on purpose.
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary),
                   "TORCHINDUCTOR_CACHE_DIR": str(folder / "torch")}  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "gsae_theory", *COMMANDS[name]],
        cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    began = time.monotonic()
    # Before Python has installed its handler a signal kills any program; from then on it must be answered.
    while process.poll() is None and not catches(process.pid):
        time.sleep(0.01)
    try:
        _, messages = process.communicate(timeout=moment)
        return Ending(process.returncode, messages, time.monotonic() - began, 0.0, ())
    except subprocess.TimeoutExpired:
        pass
    sent = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    faults = []
    try:
        _, messages = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        faults.append("did not end within 60 s of the signal")
        os.killpg(process.pid, signal.SIGKILL)
        _, messages = process.communicate()
    ended = time.monotonic()
    code = process.returncode
    if code not in (*DONE, *INTERRUPTED):
        faults.append(f"exit code {code}")
    if "Traceback" in messages or "Exception ignored" in messages:
        faults.append("a traceback")
    if code in INTERRUPTED and "interrupted" not in messages:
        faults.append("does not say that it was interrupted")
    if _runs_on(process.pid):
        faults.append("a process runs on")
    faults += left_behind(folder)
    return Ending(code, messages, ended - began, ended - sent, tuple(faults))


def catches(pid: int) -> bool:
    """Return whether the process has a handler for SIGINT."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return True
    caught = next((line for line in lines if line.startswith("SigCgt")), "SigCgt: 0")
    return bool(int(caught.split()[1], 16) >> (signal.SIGINT - 1) & 1)


def _runs_on(group: int) -> bool:
    """Return whether a process of the group is there 5 seconds later; it is ended then."""
    for _ in range(50):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.1)
    os.killpg(group, signal.SIGKILL)
    return True


def left_behind(folder: Path) -> list[str]:
    """Return what is wrong with the files below: temporary ones, JSON that is no JSON, other files that are cut off."""
    # PyTorch keeps what it compiled there for its next run; bench only times it.
    found = [
        f"{path.name} left behind" for path in (folder / "tmp").glob("*") if "torchinductor" not in path.name
    ]
    for path in folder.rglob("*"):
        if path.name.startswith("."):
            found.append(f"{path.name} left behind")
        elif path.suffix == ".json":
            try:
                json.loads(path.read_text())
            except ValueError:
                found.append(f"{path.name} is cut off")
        elif path.is_file() and path.suffix in WHOLE:
            text = path.read_bytes().rstrip()
            if not text.endswith(WHOLE[path.suffix]):
                found.append(f"{path.name} is cut off")
    return found


WHOLE = {".html": b"</html>", ".svg": b"</svg>", ".pdf": b"%%EOF", ".png": b"IEND\xaeB`\x82"}
"""How files of a kind end."""


def moments(name: str, count: int, horizon: float) -> list[float]:
    """Return moments spread over [0, horizon], one in each of `count` stretches, every third in the first seconds."""
    rng = random.Random(f"{SEED} {name}")
    early = max(count // 3, 1)
    first = [min(START, horizon) * (k + rng.random()) / early for k in range(early)]
    rest = count - early
    return first + [horizon * (k + rng.random()) / rest for k in range(rest)]


def stored(folder: Path) -> int:
    """Return the number of results in the stores of sweeps below."""
    import sqlite3

    total = 0
    for path in folder.rglob("sweep.sqlite"):
        with sqlite3.connect(path) as db:
            total += db.execute("SELECT COUNT(*) FROM results").fetchone()[0]
        db.close()
    return total


def series(name: str, count: int, folder: Path) -> dict[str, Any]:
    """Interrupt a command at `count` moments and return what happened."""
    began = interrupted(name, HORIZON, folder)
    horizon = min(began.seconds, HORIZON)
    endings: list[Ending] = [] if not began.in_time else [began]
    faults = (
        [{"moment": HORIZON, "faults": began.faults, "stderr": began.messages[-1500:]}]
        if began.faults
        else []
    )
    have = stored(folder)
    for moment in moments(name, count, horizon):
        ending = interrupted(name, moment, folder)
        wrong = list(ending.faults)
        now = stored(folder)
        if now < have:
            wrong.append(f"{have - now} stored results are gone")
        have = now
        if wrong:
            faults.append({"moment": round(moment, 3), "faults": wrong, "stderr": ending.messages[-1500:]})
        sys.stderr.write(f"{name} {moment:.2f} s: {ending.code} after {ending.wait:.2f} s {wrong or ''}\n")
        endings.append(ending)
    met = [ending for ending in endings if ending.in_time]
    if not met:
        faults.append({"moment": None, "faults": ["no moment came before the end"], "stderr": ""})
    return {
        "command": " ".join(["gsae", *COMMANDS[name]]), "horizon_seconds": round(horizon, 1),
        "ran_to_its_end": not began.in_time, "moments": len(endings), "before_the_end": len(met),
        "exit_codes": dict(sorted(Counter(str(ending.code) for ending in endings).items())),
        "longest_wait_seconds": round(max((ending.wait for ending in met), default=0.0), 2),
        "stored_results": have, "faults": faults,
    }  # fmt: skip


def main() -> int:
    """Write the record; 1 if anything was wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="COMMAND", help=f"of {', '.join(COMMANDS)} [all]")
    parser.add_argument("--moments", type=int, default=12, help="per command [12]")
    parser.add_argument("--out", type=Path, default=ROOT / "reports/reference/interrupted.json")
    options = parser.parse_args()
    # A job in the background of a shell ignores SIGINT, and so would all it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in options.names:
        if name not in COMMANDS:
            parser.error(f"unknown command {name!r}")
    rows: dict[str, Any] = {}
    if options.out.exists():
        record = json.loads(options.out.read_text(encoding="utf-8"))
        rows = record["commands"] if record["version"] == __version__ else {}
    for name in options.names or COMMANDS:
        folder = Path(tempfile.mkdtemp(prefix="gsae-interrupted-"))
        try:
            rows[name] = series(name, options.moments, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        ordered = {key: rows[key] for key in COMMANDS if key in rows}
        record = {"schema": "gsae-interrupted", "version": __version__, "seed": SEED, "commands": ordered}
        write_atomic(options.out, (json.dumps(record, indent=1) + "\n").encode())
    return 1 if any(row["faults"] for row in rows.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
