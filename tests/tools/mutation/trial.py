"""One mutant against its tests, in a forked process whose modules carry the change.

A change inside a function is tried *warm*: a server process has imported all tests and all code, and its fork
gives the functions of the changed module their new code. What runs at import is tried *cold*: the fork
imports the package with the changed tree. `--again` tries warm survivors cold as well.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from tests.tools.mutation.operators import mutated

IMPORT = "import"
"""What killed a mutant with which code, tests or pytest's own plugin could not even be imported (exit 2, 3)."""
FLAGS = ("-x", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")


@dataclass(frozen=True)
class Trial:
    """File, change number (-1: none), tests in order, limit in seconds of CPU, warm or cold."""

    path: str
    number: int
    tests: list[str]
    limit: float
    warm: bool


class _InOrder:
    """pytest plugin of the fork: runs the tests in the given order and tells the parent which failed first."""

    def __init__(self, tests: list[str], out: int) -> None:
        self.rank = {name: k for k, name in enumerate(tests)}
        self.out = out

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items[:] = sorted(
            (item for item in items if item.nodeid in self.rank), key=lambda x: self.rank[x.nodeid]
        )

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            os.write(self.out, report.nodeid.encode()[:500])


class _Collected:
    """pytest plugin: keeps the names of the tests."""

    def pytest_collection_finish(self, session: Any) -> None:
        self.tests = [item.nodeid for item in session.items]


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _key(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


def _change(trial: Trial, root: Path) -> None:
    """Give loaded functions their changed code, and later imports of the file the changed tree."""
    target = str(root / trial.path)
    whole = compile(mutated(Path(target).read_text(encoding="utf-8"), trial.number), target, "exec")
    original = SourceFileLoader.get_code

    def get_code(self: SourceFileLoader, fullname: str) -> CodeType | None:
        return whole if self.path == target else original(self, fullname)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign]
    if trial.warm:
        found = list(_codes(whole))
        keys = Counter(map(_key, found))  # two lambdas of a line cannot be told apart: left to the cold trial
        changed = {_key(code): code for code in found if keys[_key(code)] == 1}
        gc.unfreeze()  # frozen objects are not listed
        for item in gc.get_objects():
            if isinstance(item, FunctionType) and item.__code__.co_filename == target:
                new = changed.get(_key(item.__code__))
                if new is not None and new.co_freevars == item.__code__.co_freevars:
                    item.__code__ = new


def _fork(trial: Trial, root: Path, out: int) -> None:
    """Run the tests of a trial; never returns."""
    os.setsid()
    whole = int(trial.limit) + 1 + int(time.process_time())
    resource.setrlimit(resource.RLIMIT_CPU, (whole, whole + 5))
    if trial.number >= 0:
        _change(trial, root)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1), os.dup2(null, 2)
    import pytest

    files = dict.fromkeys(name.partition("::")[0] for name in trial.tests)  # quicker than a thousand names
    os._exit(int(pytest.main([*FLAGS, *files], plugins=[_InOrder(trial.tests, out)])))


def try_in_fork(trial: Trial, root: Path) -> tuple[str, str]:
    """Return killed, timeout or survived, and the test that failed first."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            _fork(trial, root, write)
        finally:
            os._exit(4)  # the changed source does not even import
    os.close(write)
    began, status = time.perf_counter(), "timeout"
    while time.perf_counter() - began < 10 * trial.limit:  # the limit itself is one of CPU time
        done, code = os.waitpid(pid, os.WNOHANG)
        if done:
            ended = os.waitstatus_to_exitcode(code)
            if ended == 5:
                raise RuntimeError(f"pytest ran no tests: {trial}")
            by_time = ended in (-signal.SIGXCPU, -signal.SIGKILL)
            status = "timeout" if by_time else "survived" if ended == 0 else "killed"
            break
        time.sleep(0.01)
    else:
        os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    os.set_blocking(read, False)
    killed_by = os.read(read, 500).decode(errors="replace") if status == "killed" and ended == 1 else ""
    os.close(read)
    return status, killed_by or (IMPORT if status == "killed" else "")


class Warm:
    """A process that has imported every test, and forks for every trial."""

    def __init__(self, root: Path) -> None:
        down, answers = os.pipe(), os.pipe()
        if os.fork() == 0:
            os.close(down[1]), os.close(answers[0])
            self._serve(root, os.fdopen(down[0]), answers[1])
            os._exit(0)
        os.close(down[0]), os.close(answers[1])
        self._to, self._from = os.fdopen(down[1], "w"), os.fdopen(answers[0])
        self.tests: list[str] = json.loads(self._from.readline())

    def ask(self, trial: Trial) -> tuple[str, str]:
        """Return what became of a trial."""
        self._to.write(json.dumps(asdict(trial)) + "\n")
        self._to.flush()
        status, killed_by = json.loads(self._from.readline())
        return status, killed_by

    @staticmethod
    def _serve(root: Path, questions: Any, out: int) -> None:
        import pytest

        streams = os.dup(1), os.dup(2)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1), os.dup2(null, 2)
        collected = _Collected()
        if pytest.main(["--collect-only", *FLAGS, str(root / "tests")], plugins=[collected]) != 0:
            raise RuntimeError("the tests cannot be collected")
        os.dup2(streams[0], 1), os.dup2(streams[1], 2)
        os.write(out, (json.dumps(collected.tests) + "\n").encode())
        gc.freeze()
        for line in questions:
            answer = try_in_fork(Trial(**json.loads(line)), root)
            os.write(out, (json.dumps(answer) + "\n").encode())
