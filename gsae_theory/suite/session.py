"""One run of the suite: its target and seed, the header line, and that something was really tested."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import pytest

from gsae_theory import __version__
from gsae_theory.check.ledger import AlphaLedger
from gsae_theory.errors import GsaeError, InvalidInput
from gsae_theory.pytest_plugin import SESSION, SUITE
from gsae_theory.suite.adapter import Target
from gsae_theory.suite.claims import MARGIN
from gsae_theory.suite.instances import profile
from gsae_theory.suite.loading import DEFAULT_TARGET


@dataclass(eq=False)  # pluggy keeps plugins in sets
class SuiteSession:
    """What the tests of a run share; also a pytest plugin, registered only while the suite runs.

    Attributes
    ----------
    target : Target
    seed : int
    ledger : AlphaLedger
        False-alarm budget of this run.
    outcomes : dict
        Number of tests that passed, failed and were skipped.
    """

    target: Target
    seed: int
    ledger: AlphaLedger = field(default_factory=AlphaLedger)
    outcomes: dict[str, int] = field(default_factory=dict)

    @classmethod
    def start(cls, config: pytest.Config) -> SuiteSession:
        """Load the target named on the command line; a problem becomes one line and exit code 4."""
        name = config.getoption("--gsae-target", None) or DEFAULT_TARGET
        seed = config.getoption("--gsae-seed", 0)
        if seed < 0:
            raise pytest.UsageError(str(InvalidInput("--gsae-seed", seed, "an integer >= 0", 0)))
        try:
            target = Target.load(name, str(config.invocation_params.dir))
        except GsaeError as problem:
            raise pytest.UsageError(str(problem)) from problem
        workers = int(getattr(config, "workerinput", {}).get("workercount", 1))
        return cls(target, seed, AlphaLedger(workers=workers))

    @classmethod
    def of(cls, config: pytest.Config) -> SuiteSession:
        """Return the session of a run, started now if its arguments did not name the suite."""
        if SESSION not in config.stash:
            config.stash[SESSION] = cls.start(config)
            config.pluginmanager.register(config.stash[SESSION], f"{SUITE}.session")
        return config.stash[SESSION]

    def pytest_report_header(self) -> str:
        """Say what is tested, how thoroughly, and how to repeat it."""
        can = self.target.can
        return (
            f"gsae_theory {__version__} suite: target {self.target.name} ({can}; {can.framework}, {can.dtype}), "
            f"profile {profile()}, seed {self.seed}"
        )

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Show what is wrong with a returned array as a line, and how to repeat what failed.

        Errors that the target raises keep their traceback.
        """
        report = yield
        problem = call.excinfo.value if call.excinfo is not None else None
        plain = isinstance(problem, pytest.fail.Exception) and not problem.pytrace
        if report.failed and (plain or isinstance(problem, GsaeError)):
            repeat = f"pytest --pyargs {SUITE} --gsae-target={self.target.name} --gsae-seed={self.seed} -k '{item.name}'"
            report.longrepr = f"{problem}\n{'REPEAT':<{MARGIN}}{repeat}"
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count outcomes."""
        if report.when == "call" or report.outcome != "passed":
            self.outcomes[report.outcome] = self.outcomes.get(report.outcome, 0) + 1

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Turn a run in which nothing was tested into a failure."""
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput[SUITE] = self.ledger.entries
        if exitstatus == pytest.ExitCode.OK and not self.outcomes.get("passed"):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Add what a worker of pytest-xdist spent to the budget that the summary prints."""
        for assertion, alpha in getattr(node, "workeroutput", {}).get(SUITE, ()):
            self.ledger.spend(assertion, alpha)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was not tested, and what the sampled assertions cost."""
        skipped, passed = self.outcomes.get("skipped", 0), self.outcomes.get("passed", 0)
        if skipped and not passed and not self.outcomes.get("failed"):
            terminalreporter.write_line(
                f"FAILED: all {skipped} tests were skipped, so nothing was tested about {self.target.name}",
                red=True,
            )
        if self.ledger.entries:
            terminalreporter.write_line(str(self.ledger))
