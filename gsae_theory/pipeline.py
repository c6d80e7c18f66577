"""The whole flow on one screen: hypotheses on the instance, then the run, then the verdict."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from gsae_theory.check.compare import Comparison, compare
from gsae_theory.check.context import Context, Setting
from gsae_theory.check.measurement import get_observable
from gsae_theory.check.standing import activation_margin
from gsae_theory.check.verdict import Status, Verdict
from gsae_theory.errors import InvalidInput, TooLarge
from gsae_theory.model import GenerativeModel
from gsae_theory.replay import replay_command
from gsae_theory.theory import Margin, Theorem, get_theorem


def verify(
    theorem: Theorem | str,
    model: GenerativeModel,
    *,
    setting: Setting | None = None,
    context: Context | None = None,
    replay: str | None = None,
    **options: object,
) -> Verdict:
    """Hold a theorem against a run on `model`.

    Parameters
    ----------
    theorem : Theorem or str
        A theorem or its id (``gsae theorems`` lists them).
    model : GenerativeModel
        The model that generates the data.
    setting : Setting, optional
        How the network is trained; or give its fields as keywords, at least ``lam``.
    context : Context, optional
        A context to share a run between theorems; excludes `setting` and keywords.
    replay : str, optional
        Command that repeats the verification; derived from model and setting if left out.
    **options
        Fields of `Setting`.

    Returns
    -------
    Verdict
        OUT_OF_SCOPE before any run if a hypothesis fails; otherwise what the comparisons say.

    Raises
    ------
    UnknownName, InvalidInput
        For a theorem that is not registered or a setting that is not admissible.
    """
    claim = get_theorem(theorem) if isinstance(theorem, str) else theorem
    if context is None:
        context = Context(model, setting or _setting(options))
    get_observable(claim.observable)  # a name that does not exist is bad input, whatever the hypotheses
    began = time.perf_counter()
    context = context.for_theorem(claim)
    environment = context.env_for(claim)
    margins = claim.margins(environment)
    about = activation_margin(claim, context.setting.activation, context.lam, model.d)
    if about is not None:
        margins = (*margins, about)
    failed = [margin for margin in margins if not margin.holds]
    if failed:
        outcome, evidence = Comparison(Status.OUT_OF_SCOPE, _scope_text(failed)), "none"
    else:
        try:
            measurement = context.measure(claim)
        except TooLarge as problem:
            outcome, evidence = Comparison(Status.UNDECIDED, str(problem)), "none"
        else:
            outcome, evidence = compare(claim, environment, measurement), measurement.kind
    return Verdict(
        theorem=claim.id,
        status=outcome.status,
        bound=outcome.bound,
        measured=outcome.measured,
        slack=outcome.slack,
        reason=outcome.reason,
        comparisons=outcome.rows,
        evidence=evidence,
        margins=margins,
        witness=outcome.witness,
        expected_false=claim.false,
        model=context.model.describe(),
        setting=context.describe_setting(),
        seed=context.setting.seed,
        replay=replay or replay_command(claim.id, context),
        seconds=time.perf_counter() - began,
        tolerance=claim.tolerance,
    )


def verify_all(
    theorems: Iterable[Theorem | str],
    model: GenerativeModel,
    setting: Setting,
    *,
    progress: Callable[[str], None] | None = None,
    replay: Callable[[str], str] | None = None,
) -> list[Verdict]:
    """Verify several theorems on one instance, with one run shared by all of them."""
    context = Context(model, setting)
    verdicts = []
    for theorem in theorems:
        name = theorem if isinstance(theorem, str) else theorem.id
        if progress is not None:
            progress(name)
        verdicts.append(verify(theorem, model, context=context, replay=replay(name) if replay else None))
    return verdicts


def _setting(options: dict[str, object]) -> Setting:
    if "lam" not in options:
        raise InvalidInput("lam", None, "a threshold > 0, as lam=... or in a Setting", 0.2)
    return Setting(**options)  # type: ignore[arg-type]


def _scope_text(failed: list[Margin]) -> str:
    """Say which hypotheses fail and by what margin."""
    worst = sorted(failed, key=lambda margin: margin.value)
    return "; ".join(f"{m.assumption} fails with margin {m.value:.4g} ({m.statement})" for m in worst)
