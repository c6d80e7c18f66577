"""The suite on good, broken and malformed targets.

Catches a suite that passes what is wrong (the broken targets are its mutants), that fails what is right
(NumPy, PyTorch and JAX targets that share no code with the package), or that cannot be read.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TARGETS = HERE / "targets"
PLUGIN = "gsae_theory.pytest_plugin"
# In an environment that installed the package the entry point loads the plugin already.
LOADED = any(entry.value == PLUGIN for entry in entry_points(group="pytest11"))
COMMON = [*([] if LOADED else ["-p", PLUGIN]), "-p", "no:cacheprovider", "--pyargs", "gsae_theory.suite"]

# target, test that must fail, what its message must say; every test of the suite is here at least once
BROKEN = (
    ("NoEncoderTerm", "test_gradient_is_the_theory_s", "MATCHES the encoder term of the gradient is missing"),
    ("NoEncoderTerm", "test_gradient_is_the_derivative_of_the_target_s_loss", "MATCHES the encoder term"),
    ("NoEncoderTerm", "test_limit_is_stationary", "USUALLY the encoder term of the gradient is missing"),
    ("NoEncoderTerm", "test_descent_reaches_the_limit", "encoder term missing"),
    ("PlainRelu", "test_encoder_is_the_group_threshold", "MATCHES plain ReLU max(0, u - lambda)"),
    ("PlainRelu", "test_codes_turn_with_their_block", "USUALLY an activation that acts on entries"),
    ("PlainRelu", "test_block_size_one_is_the_soft_threshold", "MATCHES one-sided ReLU"),
    ("PlainRelu", "test_supports_are_recovered", "MATCHES plain ReLU"),
    ("PlainRelu", "test_reconstruction_is_blind_to_rotations", "USUALLY an activation that acts on entries"),
    ("StepWithoutP", "test_step_follows_the_gradient", "MATCHES step eta instead of eta/p"),
    ("StepWithoutPAlone", "test_every_step_contracts", "USUALLY step eta instead of eta/p"),
    ("StepWithoutPAlone", "test_rate_outside_the_subspace_is_sharp", "USUALLY step eta instead of eta/p"),
    ("StepWithoutPAlone", "test_a_step_on_a_batch", "USUALLY step eta instead of eta/p"),
    ("HardThreshold", "test_encoder_is_the_group_threshold", "MATCHES hard threshold"),
    ("HardThreshold", "test_residual_at_the_limit", "NEEDED <= 0"),
    ("ThresholdTimesRootD", "test_encoder_is_the_group_threshold", "MATCHES threshold lambda sqrt(d)"),
    ("ThresholdTimesRootD", "test_residual_in_the_ball", "STATED side T3.2(a)"),
    ("SmoothThreshold", "test_inactive_groups_are_exactly_zero", "USUALLY a smoothed threshold"),
    ("OneWinner", "test_encoder_is_the_group_threshold", "MATCHES only the loudest group fires"),
    ("BatchThreshold", "test_a_code_does_not_depend_on_the_batch", "MATCHES the code of a sample depends on"),
    ("BuiltInThreshold", "test_encoder_is_linear_without_threshold", "FOUND code at lambda = 0"),
    ("NotANumberAtZero", "test_encoder_is_linear_without_threshold", "finite numbers"),
    ("UntiedDecoder", "test_decoder_is_linear_with_tied_weights", "USUALLY untied weights"),
    ("SummedLoss", "test_gradient_is_the_derivative_of_the_target_s_loss", "MATCHES sum over the samples"),
    ("DoubledLoss", "test_gradient_of_one_sample_is_bounded", "a loss without the factor 1/2"),
    ("WeightDecay", "test_silent_groups_have_no_gradient", "USUALLY weight decay"),
    ("WeightDecay", "test_limit_is_stationary_on_every_sample", "entry of the gradient at s*A"),
    ("EntrywisePenalty", "test_gradient_turns_with_the_blocks", "regularisation"),
    ("HeldScaling", "test_gradient_is_the_theory_s", "MATCHES Jacobian of the activation without its term"),
    ("HeldScaling", "test_population_gradient", "FOUND population gradient"),
    (
        "ClippedGradient",
        "test_batch_gradient_is_near_the_population_s",
        "USUALLY a gradient that is biased: clipped",
    ),
    ("IgnoredWeights", "test_weights_are_a_weighted_mean", "MATCHES the weights are ignored"),
    ("NormalisedStep", "test_limit_is_a_fixed_point", "weights normalised"),
    ("DecayingStep", "test_rate_outside_the_subspace_is_sharp", "CLAIM at s*A + A_perp D"),
    ("TooLongAStep", "test_every_step_contracts", "CLAIM in the ball every step"),
    ("SignDescent", "test_steps_turn_with_the_blocks", "USUALLY elementwise optimisers"),
)


@dataclass(frozen=True)
class Outcome:
    """How a run of the suite ended."""

    code: int
    said: str

    @property
    def text(self) -> str:
        """Output with runs of white space as one space."""
        return re.sub(r"\s+", " ", self.said)

    def count(self, outcome: str) -> int:
        """Return the number of tests that ended so."""
        found = re.search(rf"(\d+) {outcome}", self.said.strip().splitlines()[-1])
        return int(found.group(1)) if found else 0


def environment() -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "HYPOTHESIS"))
    }
    return {**kept, "PYTHONPATH": str(ROOT)}


def run(*runs: tuple[str, ...], folder: Path = TARGETS) -> list[Outcome]:
    """Run the suite once per list of arguments, in one process of its own that starts in `folder`."""
    done = subprocess.run(
        [sys.executable, str(HERE / "driver.py")],
        check=False,
        input=json.dumps([[*COMMON, "-q", *arguments] for arguments in runs]),
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [Outcome(code, said) for code, said in json.loads(done.stdout)]


def missing(outcome: Outcome, code: int, parts: list[str]) -> list[str]:
    """Return what an outcome lacks, empty if it is as wanted."""
    lacks = [part for part in parts if part not in outcome.text]
    lacks += [] if outcome.code == code else [f"exit code {code}, not {outcome.code}"]
    return lacks + (["no traceback"] if re.search(r"Traceback|def test_", outcome.said) else [])


def test_broken_targets_fail_with_a_message_that_names_the_mistake() -> None:
    """Catches a suite without teeth, and messages that do not lead to the mistake."""
    runs = [(f"--gsae-target=broken:{name}", "-x", "-k", f"{test}[") for name, test, _ in BROKEN]
    rows = ["CLAIM", "STATED", "INSTANCE n=", "FOUND", "NEEDED", "REPEAT pytest --pyargs gsae_theory.suite"]
    problems = {}
    for outcome, (name, test, message) in zip(run(*runs), BROKEN, strict=True):
        # A number that is not finite is refused before it is compared.
        wanted = [] if name == "NotANumberAtZero" else [f"TARGET broken:{name}", *rows]
        if lacks := missing(outcome, 1, [test, message, *wanted]):
            problems[f"{name}: {test}"] = lacks
    assert problems == {}


def test_every_test_of_the_suite_can_fail() -> None:
    """Catches a property that no mistake is known to break; together with the test above."""
    folder = ROOT / "gsae_theory" / "suite"
    tests = {
        name
        for path in folder.glob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.M)
    }
    assert tests == {test for _, test, _ in BROKEN}


def test_torch_targets_pass() -> None:
    """Automatic differentiation, which shares no formula with the package, in both precisions."""
    pytest.importorskip("torch")
    double, single = run(
        ("--gsae-target=torch_target:TorchAutoencoder", "-k", "d2-G3 or d4"),
        ("--gsae-target=torch_target:TorchSinglePrecision", "-k", "d2-G4"),
    )
    assert double.code == 0, double.said
    assert double.count("passed") > 50
    assert single.code == 0, single.said
    assert single.count("passed") > 20


def test_a_jax_target_passes() -> None:
    """A step without gradient, in single precision: the gradient is read off the step."""
    pytest.importorskip("jax")
    # JAX compiles for every shape: one instance, the tests that its capabilities single out.
    chosen = "d2-G2 and (group_threshold or the_theory_s or follows or contracts or fixed_point)"
    (outcome,) = run(("--gsae-target=jax_target:JaxAutoencoder", "-k", chosen))
    assert outcome.code == 0, outcome.said
    assert outcome.count("passed") == 6


def documented_example() -> str:
    """Return the target that docs/suite.md tells readers to save."""
    found = re.search(
        r"```python\n(import numpy as np\n+class Mine:.*?)```", (ROOT / "docs/suite.md").read_text(), re.S
    )
    assert found, "docs/suite.md shows a complete target"
    return found.group(1)


def test_right_implementations_pass_and_nothing_tested_is_no_pass(tmp_path: Path) -> None:
    """The package's own network, and the documented example, which lies beside the user, not on the path.

    Catches false alarms, a skip that no missing capability explains, and a green run of nothing.
    """
    example = documented_example()
    assert len([line for line in example.splitlines() if line.strip()]) <= 16
    (tmp_path / "mine.py").write_text(example)
    mine = "--gsae-target=mine:Mine"
    own, whole, skipped = run(
        ("--gsae-seed=11", "-v"),
        (mine, "-v"),
        (mine, "-k", "test_step_follows_the_gradient"),
        folder=tmp_path,
    )
    assert own.code == 0, own.said
    assert own.count("passed") > 150
    assert own.count("skipped") == 0
    claimed = "(encode, decode, gradient, step with weights; numpy, float64)"
    assert f"target gsae_theory.suite.reference:Reference {claimed}, profile quick, seed 11" in own.text
    assert "false-alarm budget: 7e-09" in own.text
    assert whole.code == 0, whole.said
    assert "target mine:Mine (encode, gradient; numpy, float64)" in whole.text
    assert whole.count("passed") > 130 > whole.count("skipped") > 0
    assert skipped.code == 1
    assert "all 7 tests were skipped, so nothing was tested about mine:Mine" in skipped.text


REFUSED = {
    "broken": "--gsae-target = 'broken' is not admissible: package.module:Class",
    "broken.PlainRelu": "nearest valid choice: 'broken:PlainRelu'",
    "__import__('os'):getcwd()": "is not admissible: package.module:Class",
    "no_such_module:Thing": "there is no module 'no_such_module'",
    "broken:PlainRelo": "broken has no attribute 'PlainRelo'; did you mean 'PlainRelu'?",
    "broken:EncodeOnly": "encode, and gradient or step",
    "broken:NeedsArguments": "cannot be made without arguments",
}


MISSHAPEN = {
    "WrongShape": "encode returned shape (140, 2); needed is (140, 2, 1)",
    "SinglePrecisionByAccident": "encode returned float32 where the target declares float64",
}


def test_what_cannot_be_loaded_or_compared_is_one_line() -> None:
    """Catches tracebacks for typing errors, evaluation of the option, and silent broadcasting or rounding."""
    one = ("-x", "-k", "test_encoder_is_the_group_threshold")
    outcomes = run(
        *[(f"--gsae-target={name}",) for name in REFUSED],
        *[(f"--gsae-target=broken:{name}", *one) for name in MISSHAPEN],
    )
    problems = {}
    for outcome, (name, message) in zip(outcomes, [*REFUSED.items(), *MISSHAPEN.items()], strict=True):
        lacks = missing(outcome, 4 if name in REFUSED else 1, [message])
        if lacks or (name in REFUSED and outcome.said.count("ERROR") != 1):
            problems[name] = lacks or outcome.said
    assert problems == {}
