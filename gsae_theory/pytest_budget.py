"""The false-alarm budget of a test run, as a pytest plugin: shared by all workers, printed, and enforced.

Each of n workers may spend 1/n of the cap, so that the sum stays below it without communication. A test
that asks for more ends the run; the header prints the cap, the summary what was spent.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from gsae_theory.check.ledger import ALPHA, CAP, LEDGER, BudgetSpent, use_ledger

_SPENT: pytest.StashKey[list[tuple[float, int]]] = pytest.StashKey()
_OUTPUT = "gsae_ledger"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the cap."""
    group = parser.getgroup("gsae_theory", "properties of group-sparse autoencoders (gsae_theory.suite)")
    group.addoption(
        "--gsae-alpha-cap",
        type=float,
        default=CAP,
        metavar="P",
        help=f"probability of any false alarm of the run, at most ({CAP:g}; {ALPHA:g} per sampled assertion)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Start the ledger of this process with its share of the cap."""
    config.stash[_SPENT] = []
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    use_ledger(config.getoption("--gsae-alpha-cap"), workers)


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def pytest_report_header(config: pytest.Config) -> str:
    """Print the budget."""
    workers = getattr(config.option, "numprocesses", None) or 1
    cap = config.getoption("--gsae-alpha-cap")
    return (
        f"false-alarm budget: at most {cap:.3g} for the whole run, {ALPHA:.0e} per sampled assertion, "
        f"{workers} worker{'s' if workers != 1 else ''}"
    )


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """End the run when the budget is spent: whatever failed, nothing after it may be asserted."""
    yield
    if call.excinfo is not None and call.excinfo.errisinstance(BudgetSpent):
        item.session.shouldfail = str(call.excinfo.value)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Report what this process spent."""
    spent = (LEDGER.spent, len(LEDGER.entries))
    if _is_worker(session.config):
        session.config.workeroutput[_OUTPUT] = list(spent)  # type: ignore[attr-defined]
    else:
        session.config.stash[_SPENT].append(spent)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Collect what a worker spent."""
    spent, count = getattr(node, "workeroutput", {}).get(_OUTPUT, (0.0, 0))
    node.config.stash[_SPENT].append((float(spent), int(count)))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print what was spent."""
    parts = [item for item in config.stash[_SPENT] if item[1] or len(config.stash[_SPENT]) == 1]
    total, count = sum(item[0] for item in parts), sum(item[1] for item in parts)
    cap = config.getoption("--gsae-alpha-cap")
    terminalreporter.write_line(
        f"false-alarm budget: {total:.3g} of {cap:.3g} spent on {count} sampled assertions"
        + (f" by {len(parts)} workers" if len(parts) > 1 else "")
    )
