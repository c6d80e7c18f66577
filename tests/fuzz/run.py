"""Feed damaged files to a reader: `python tests/fuzz/run.py [--inputs N] [--out FILE] [READER ...]`.

Each reader runs in a process of its own with a limit on memory; an input that takes more than `PATIENCE`
seconds of CPU counts as a hang. Input k of a reader depends on (SEED, k) alone: ``--replay READER K`` repeats one.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from readers import READERS

from gsae_theory.errors import GsaeError

SEED, PATIENCE, MEMORY = 20260, 10, 4 << 30
REFUSED = (GsaeError,)


class Hang(BaseException):
    """An input took too long."""


def _alarm(*_: object) -> None:
    raise Hang


def make(name: str, k: int, canary: Path) -> bytes:
    """Return input k of a reader."""
    return READERS[name].make(np.random.default_rng([SEED, sum(name.encode()), k]), canary)


def fuzz(name: str, inputs: int, first: int = 0) -> dict[str, Any]:
    """Return what `inputs` damaged files did to a reader, in this process."""
    reader, accepted, refused, crashes = READERS[name], 0, 0, []
    kinds: dict[str, int] = {}
    before = signal.signal(signal.SIGPROF, _alarm)
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        path, canary = Path(folder) / f"input{reader.suffix}", Path(folder) / "canary"
        path.write_bytes(reader.whole())
        reader.read(path)  # what is not damaged is read, and everything is imported before the clock runs
        began = time.process_time()
        for k in range(first, first + inputs):
            path.write_bytes(make(name, k, canary))
            signal.setitimer(signal.ITIMER_PROF, PATIENCE)
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    reader.read(path)
                accepted += 1
            except REFUSED as problem:
                refused += 1
                kinds[type(problem).__name__] = kinds.get(type(problem).__name__, 0) + 1
            except BaseException as problem:  # whatever it is, it is what is looked for
                if isinstance(problem, KeyboardInterrupt):
                    raise
                last = traceback.extract_tb(problem.__traceback__)[-1]
                text = str(problem).encode("utf-8", "replace").decode()[:120]
                crashes.append(
                    {
                        "input": k,
                        "error": type(problem).__name__,
                        "text": text,
                        "at": f"{last.filename}:{last.lineno}",
                    }
                )
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
            if canary.exists():
                crashes.append({"input": k, "error": "CODE EXECUTED"})
                canary.unlink()
        left = sorted(str(item.relative_to(folder)) for item in Path(folder).rglob("*") if item != path)
    signal.signal(signal.SIGPROF, before)
    return {
        "reader": name, "inputs": inputs, "accepted": accepted, "refused": refused, "errors": kinds, "crashes": crashes,
        "left_behind": left, "seconds": round(time.process_time() - began, 1),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip


def _limited(name: str, inputs: int, first: int) -> dict[str, Any]:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    return fuzz(name, inputs, first)


def main() -> int:
    """Run and print or write the result; 1 if anything crashed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *READERS], help="readers [all]")
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--out", type=Path)
    parser.add_argument(
        "--replay", type=int, metavar="K", help="run input K of one reader and show what happens"
    )
    options = parser.parse_args()
    names = options.names or list(READERS)
    if options.replay is not None:
        reader = READERS[names[0]]
        path = Path(tempfile.mkdtemp()) / f"input{reader.suffix}"
        path.write_bytes(make(names[0], options.replay, path.with_name("canary")))
        sys.stdout.write(f"{path}\n")
        reader.read(path)
        return 0
    rows = []
    for name in names:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            row = pool.apply(_limited, (name, options.inputs, options.first))
        rows.append(row)
        sys.stdout.write(
            json.dumps({**row, "crashes": row["crashes"][:5], "crashed": len(row["crashes"])}) + "\n"
        )
        sys.stdout.flush()
    if options.out:
        import platform

        from gsae_theory.output import write_atomic

        found = {"schema": "gsae-fuzz", "version": 1, "seed": SEED, "patience_seconds": PATIENCE, "memory_limit_mib": MEMORY >> 20,
                 "python": platform.python_version(), "numpy": np.__version__, "readers": rows}  # fmt: skip
        write_atomic(options.out, (json.dumps(found, indent=1) + "\n").encode())
    return 1 if any(row["crashes"] or row["left_behind"] for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
