"""Which random instances each theorem is held against.

One table: a name, the claims, a strategy whose draws satisfy their hypotheses, and how a draw is finished
before the run. `tests/properties` runs it and fails if a claim is missing or a run is vacuous.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

import numpy as np
from hypothesis import strategies as st

from gsae_theory import strategies as gst
from gsae_theory.check import Setting, Status, Verdict
from gsae_theory.errors import GsaeError
from gsae_theory.model.spec import ModelSpec
from gsae_theory.pipeline import verify
from gsae_theory.strategies import Instance
from gsae_theory.theory import THEOREMS


@dataclass(frozen=True)
class Property:
    """Claims that are held against the draws of one strategy.

    Attributes
    ----------
    name : str
    claims : tuple of str
        Ids or patterns.
    strategy : SearchStrategy of Instance
    examples : int
        Draws in the quick profile; the deep profile decides for itself.
    finish : callable, optional
        Applied to a draw before the run.
    """

    name: str
    claims: tuple[str, ...]
    strategy: st.SearchStrategy[Instance]
    examples: int = 10
    finish: Callable[[Instance], Instance] = lambda instance: instance

    def theorem_ids(self) -> list[str]:
        """Return the true, not asymptotic claims that the patterns name."""
        return [
            name
            for name, theorem in THEOREMS.items()
            if not theorem.false
            and not theorem.asymptotic
            and any(fnmatchcase(name, pattern) for pattern in self.claims)
        ]

    def verdicts(self, instance: Instance, test_id: str) -> list[Verdict]:
        """Verify every claim on a draw, with start and samples seeded by the test and the draw."""
        context = self.finish(instance.for_test(test_id)).context()
        return [verify(name, context.model, context=context) for name in self.theorem_ids()]


class PropertyFailed(GsaeError, AssertionError):
    """A true claim did not hold on a drawn instance, or nothing was compared."""


def must_hold(verdict: Verdict, instance: Instance) -> None:
    """Raise PropertyFailed unless the claim held (NOT_CERTIFIED counts where it is all that can be had)."""
    names = THEOREMS[verdict.theorem].parameters.get("not_certified")
    good = Status.NOT_CERTIFIED if names else Status.HOLDS
    if verdict.status is not good:
        raise PropertyFailed(
            f"{verdict.theorem} is {verdict.status.name}: {verdict.reason}; {verdict.witness}; {instance!r}"
        )
    if not verdict.comparisons:
        raise PropertyFailed(f"{verdict.theorem} compared nothing on {instance!r}")


def _finely(instance: Instance) -> Instance:
    """Return the instance with a fine rule: curvature is compared to 1e-6 and below."""
    return Instance(instance.model, replace(instance.setting, level=24))


def _one_mode(instance: Instance) -> Instance:
    """Return the instance with the step 1/L*, at which the scale is gone at once and the slower mode is alone.

    For d = 1 there is the scale only, and the step is 0.6/L*.
    """
    curvature = float(np.asarray(instance.context().env["L_star"]))
    share = 0.6 if instance.model.block == 1 else 1.0
    return Instance(instance.model, replace(instance.setting, eta=share / curvature, level=20)).settled()


_small = gst.one_group(blocks=(1, 2), steps=10, max_groups=3)
PROPERTIES: tuple[Property, ...] = (
    Property(
        "steps contract and the ball is kept",
        (
            "gamma1.contraction", "gamma1.contraction_large", "gamma1.contraction_small_step", "gamma1.envelope*",
            "gamma1.ball", "gamma1.out_of_subspace",
        ),
        gst.one_group(),
        12,
    ),
    Property(
        "steps contract under (S')",
        ("gamma1.contraction_spectral",),
        gst.one_group(crowd=0.5, fill=0.6),
    ),
    Property(
        "larger ball",
        ("gamma1.monotone", "gamma1.lipschitz"),
        gst.one_group(steps=1, blocks=(1, 2, 3)),
        8,
    ),
    Property(
        "spectral region",
        ("gamma1.region.*",),
        # for constant norms the inward pull is lost between lam = 0.48 and 0.5 (starts A Q + noise);
        # it grows with eps, so a start without any deviation in the subspace is no instance
        gst.one_group(
            steps=20, blocks=(1, 2, 3), fill=0.5, crowd=0.5, top=0.45, ball=0.2,
            starts=("rank_one_in", "scale", "scale_down", "near"),
        ),
        8,
    ),
    Property(
        "supports in the ball",
        ("gamma1.support", "gamma1.support.spectral", "gamma1.support.exact", "gamma1.support.*active"),
        gst.one_group(steps=1, crowd=0.5, fill=0.6),
    ),
    Property("explicit threshold", ("gamma1.support.threshold",), gst.one_group(steps=1, spread=0.0, ball=0.05)),
    Property(
        "the way to the limit and the limit itself",
        ("gamma1.correlated*", "gamma1.stationary", "gamma1.loss"),
        gst.one_group(steps=1),
    ),
    Property(
        "curvature outside and along the scale",
        ("gamma1.hessian.out_of_subspace", "gamma1.hessian.trace", "gamma1.linear_factor", "gamma1.best_step"),
        gst.one_group(blocks=(1, 2), steps=1),
        8,
        _finely,
    ),
    Property("curvature inside the subspace", ("gamma1.hessian.*",), gst.one_group(blocks=(2, 3), steps=1), 5, _finely),
    Property(
        "the limit and the rate towards it",
        ("gamma1.limit.*", "gamma1.scale", "gamma1.scale.*"),
        gst.one_group(max_groups=3, blocks=(1, 2, 3)),
        8,
        Instance.settled,
    ),
    Property(
        "asymptotic rate",
        ("gamma1.rate",),
        gst.one_group(max_groups=3, blocks=(1, 2, 3)).map(
            lambda item: Instance(item.model, replace(item.setting, start="out_of_subspace"))
        ),
        6,
        Instance.settled,
    ),
    Property("rate without room outside", ("gamma1.rate.square",), gst.square_block(), 6, _one_mode),
    Property(
        "several groups: supports, interference, recursions",
        (
            "general.support", "general.support.active", "general.support.inactive", "general.interference",
            "general.step", "general.step_frobenius", "general.envelope_rms", "general.bias",
            "general.correlated*", "general.recursion_rms",
        ),
        gst.several_groups(),
        4,
    ),
    Property(
        "several groups: floors",
        ("general.floor_rms", "general.bootstrap_*", "general.limit.generating"),
        gst.several_groups(steps=150, blocks=(1,)),
        4,
    ),
    Property(
        "several groups: largest distance",
        ("general.step_max", "general.envelope_max", "general.floor_max", "general.recursion_max"),
        gst.several_groups_uniformly(steps=200),
        4,
    ),
    Property(
        "support windows",
        ("general.support", "general.support.coherence", "general.support.*active"),
        gst.support_windows(),
        10,
    ),
    Property("explicit support windows", ("general.support.threshold",), gst.support_windows(explicit=True), 10),
    Property("the expansion for single columns", ("general.expansion_single",), gst.single_columns(), 8),
    Property(
        "elementwise networks",
        ("side.two-relu-is-soft", "side.relu-loss-identity", "side.entries", "side.*-floor*"),
        gst.one_group(blocks=(1, 2), steps=1, max_groups=3),
        6,
    ),
    Property("loss of the group ReLU", ("side.group-loss",), gst.one_group(blocks=(1, 2), steps=1, crowd=0.9)),
    Property(
        "elementwise networks, constant norm",
        ("side.soft-bias", "side.relu-nonstationary"),
        gst.one_group(blocks=(2,), steps=1, spread=0.0, max_groups=2),
        3,
    ),
    Property("clustering", ("side.clustering-margin", "side.clustering-exact"), gst.clusters(), 12),
    Property(
        "clustering under Gaussian noise",
        ("side.clustering-gaussian",),
        gst.coherent_clusters(),
        2,
    ),
    Property(
        "one-sample gradients",
        ("side.gradient-rank-one", "side.gradient-range", "side.gradient-variance", "side.gradient-lipschitz", "side.gradient-deviation"),
        _small,
        5,
    ),
    Property(
        "one-sample gradients, several groups and noise",
        ("side.gradient-range-general",),
        gst.support_windows(active=(1, 2)),
        6,
    ),
    Property("stochastic descent", ("side.sgd-step", "side.sgd-radius"), _small, 4),
    Property(
        "interpolation",
        ("side.gradient-range-constant", "side.sgd-interpolation"),
        gst.one_group(blocks=(1, 2), steps=1, spread=0.0, max_groups=3),
        6,
    ),
    Property(
        "a fixed sample",
        ("side.sample-radius",),
        st.just(
            Instance(
                ModelSpec(dim=3, groups=2, block=1, dictionary="orthogonal"),
                Setting(lam=0.3, samples=2000),
            )
        ),
        1,
    ),
)  # fmt: skip
"""Every property; together they name every claim that is true and not asymptotic."""
