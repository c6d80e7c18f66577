"""Numbers of single functions at fixed arguments: what `recorded` keeps beside the instances.

Each entry returns arrays or numbers that do not depend on how linear algebra chooses signs. Arguments are
generic (no symmetry, no special value), so that exchanged indices and signs show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import astuple
from functools import cache
from typing import Any

import numpy as np

from gsae_theory.check import limits, statistics
from gsae_theory.check.ledger import AlphaLedger
from gsae_theory.check.measurement import get_observable
from gsae_theory.falsify.cases import CASES
from gsae_theory.model import GenerativeModel
from gsae_theory.model.spec import ModelSpec, build_model
from gsae_theory.network import activations as act
from gsae_theory.network.autoencoder import forward_backward, loss_and_gradient, normalise_blocks
from gsae_theory.network.normalisers import NORMALISERS
from gsae_theory.network.optimisers import SGD, Adam
from gsae_theory.network.unfolded import Unfolded, momenta
from gsae_theory.simulate import code_space, leakage, levels, metric, quadrature, starts
from gsae_theory.simulate.engine import Engine, stream
from gsae_theory.simulate.ensemble import Ensemble
from gsae_theory.simulate.local import block_gradient, hessian_apply, interference_gradient
from gsae_theory.simulate.population import PopulationRule, population_gradient
from gsae_theory.simulate.sampled import sample_gradient
from gsae_theory.simulate.step_tables import Dictionary, StepTables, product_error
from gsae_theory.simulate.trajectory import descend
from gsae_theory.theory import clustering, elementwise, prediction, region, report_values
from gsae_theory.theory.quantity import Environment
from gsae_theory.theory.stochastic import mesh_near_best

LAM = 0.3
FUNCTIONS: dict[str, Callable[[], Any]] = {}


def entry(function: Callable[[], Any]) -> Callable[[], Any]:
    """Put a function in the table under its name."""
    FUNCTIONS[function.__name__] = function
    return function


def rng(name: int) -> np.random.Generator:
    return np.random.default_rng(name)


@cache
def model(**changes: Any) -> GenerativeModel:
    spec = {
        "dim": 9, "groups": 4, "block": 2, "dictionary": "equiangular", "coherence": 0.15, "radius_max": 1.3,
        "seed": 3, **changes,
    }  # fmt: skip
    return build_model(ModelSpec(**spec))


def weights(of: GenerativeModel, size: float = 0.2, name: int = 5) -> np.ndarray:
    """Return s A with generic noise of a given size."""
    return np.asarray(
        1.2 * of.dictionary + size * rng(name).standard_normal(of.dictionary.shape) / np.sqrt(of.n)
    )


def env(case: str, **more: float) -> Environment:
    """Return the constants of a reference case."""
    instance = CASES[case]
    return Environment({**build_model(instance.model).constants(), "lam": instance.setting.lam, **more})


# --- theory ------------------------------------------------------------------------------------------------

MU = np.array([0.1, 0.1, 0.25, 0.4])


@entry
def clustering_bounds() -> Iterator[Any]:
    for size, ratio in ((2, 4.0), (4, 6.5)):
        yield clustering.closed_error_bound(size, ratio, MU), clustering.gaussian_error_bound(size, ratio, MU)
        yield clustering.gaussian_error_bound(size, ratio, MU, 0.3), clustering.error_bound(size, ratio, MU)
        yield (
            clustering.perturbed_error_bound(size, ratio, MU, 0.05, 1.3),
            clustering.exact_error_incoherent(size, ratio, 5),
        )
        yield (
            clustering.rho_density(np.array([0.2, 2.0, 5.0]), size, ratio),
            clustering.pair_bound(np.array([2.0, 5.0]), size, 0.3, 0.1),
        )
    yield (
        clustering.perturbed_error_bound(2, 2.0, MU, 0.01, 1.3),
        clustering.perturbed_error_bound(2, 3.0, MU, 0.01, 1.3),
    )
    of = model(block=3, dim=13)
    yield clustering.certified_error_bound(weights(of), of.dictionary, 1, 1.0, 0.2)
    yield clustering.certified_error_bound(weights(of), of.dictionary, 0, 1.2, 0.1)


@entry
def elementwise_moments() -> Iterator[Any]:
    at = np.array([0.05, 0.3, 0.55, 0.69, 0.9])
    for size in (2, 3, 5):
        for k in range(size + 1):
            yield elementwise.joint_tail(k, at, size)
        yield (
            elementwise.some_unit(at, size, True),
            elementwise.some_unit(at, size, False),
            [elementwise.cross_moment(x, size) for x in at],
        )
        yield elementwise.soft_scale(size, 2.5)


@entry
def predictions() -> Iterator[Any]:
    specs = [CASES[case].model for case in ("two-blocks", "two-single", "pair")]
    specs.append(ModelSpec(dim=20, groups=5, block=3, active=2, dictionary="random", radius_max=1.2))
    for spec in specs:
        of = build_model(spec)
        A = of.dictionary
        found = prediction.predict(A, {**of.constants(), "lam": 0.25})
        yield found.rms, found.rms_first_order, found.largest, found.distances
        yield np.linalg.norm(found.force, axis=(0, 2)), np.linalg.norm(prediction.drift(A), axis=(0, 2))


@entry
def regions() -> Iterator[Any]:
    for case in ("two-blocks", "two-single", "max-single", "near-scale", "orthogonal-single"):
        values = env(case)
        yield region.largest_ball(values), region.lambda_window(values), region.lambda_window(values, 0.01)
        for fraction in (1.0, 0.3):
            found = region.find_region(values, fraction)
            yield (
                astuple(found) if isinstance(found, region.Region) else (found.delta, found.Phi, found.margin)
            )
        for lam in (0.1, 0.14, 0.18, 0.22, 0.26):
            found = region.find_region(values.with_values(lam=lam), 0.7)
            yield (
                astuple(found) if isinstance(found, region.Region) else (found.delta, found.Phi, found.margin)
            )
        yield region.bootstrap(values, np.array([0.01, 0.05]), np.array([0.02, 0.1]))


@entry
def one_group_windows() -> Iterator[Any]:
    for case in ("near-scale", "wide-norms", "two-norms", "coherent", "square-single"):
        values = env(case, delta=0.02)
        yield (
            report_values.delta_max(values),
            report_values.delta_support(values),
            report_values.mu_max(values),
            report_values.lambda_window(values),
        )


@entry
def meshes() -> Iterator[Any]:
    yield mesh_near_best(20, 3.0, 1.5, 1e4, 0.2), mesh_near_best(20, 3.0, 1.5, 10.0, 0.2)


@entry
def wrong_claims() -> Iterator[Any]:
    """What only wrong claims measure, and the wrong gradient formulas."""
    for case in ("constant-small", "near-scale", "constant-triple"):
        context = CASES[case].context()
        for name in (
            "signed_permutation_distance",
            "unaligned_distance",
            "unaligned_envelope",
            "unaligned_step",
        ):
            found = get_observable(name)(context, {})
            yield found.values, found.error, found.scale
        for kind in ("exact", "scaled", "identity", "none"):
            yield get_observable("gradient_formula_gap")(context, {"jacobian": kind}).values.max()


# --- statistics --------------------------------------------------------------------------------------------


@entry
def confidence_limits() -> Iterator[Any]:
    x = rng(1).random(40)
    yield (
        limits.hoeffding_radius(30, 2.0, 0.01),
        limits.bernstein_radius(x, 1.5, 0.02),
        limits.vector_radius(50, 2.0, 3.0, 0.01),
    )
    yield limits.clopper_pearson_lower(3, 40, 0.01), limits.clopper_pearson_upper(3, 40, 0.01)
    yield limits.clopper_pearson_lower(0, 40), limits.clopper_pearson_upper(40, 40)
    yield limits.sample_size(0.5, 0.1, 2.0), limits.sample_size(0.5, 0.1, 2.0, width=30.0)
    yield limits.sample_size(0.5, 0.1, 2.0, alpha=0.01, beta=0.1, width=3000.0)


@entry
def decisions() -> Iterator[Any]:
    ledger, x = AlphaLedger(cap=0.5), rng(2).random((60, 3))

    def shown(made: statistics.Decision) -> tuple[Any, ...]:
        return made.rejected, made.estimate, made.limit, made.claim, made.samples, made.ratio

    common = {"assertion": "x", "alpha": 0.01, "ledger": ledger}
    for claim in (0.2, 0.6):
        yield shown(statistics.mean_at_most(x[:, 0], claim, 1.0, **common))
        yield shown(statistics.mean_at_most(x[:, 0], claim, 1.0, method="hoeffding", **common))
        yield shown(statistics.probability_at_most(20, 60, claim, **common))
        yield shown(statistics.vector_mean_is(x, np.full(3, claim), 0.3, 0.9, **common))
        yield shown(statistics.expectation_at_most(3.0, claim / 100, **common))
        yield shown(
            statistics.recursion_at_most(0.8 ** np.arange(30) * (1 + 0.1 * x[:30, 0]), claim, 1e-4, **common)
        )
        yield shown(statistics.recursion_at_most(0.8 ** np.arange(30), claim, exit_at=4, **common))
        yield shown(statistics.betting_mean_at_most(x[:, 1], claim, **common))


# --- network -----------------------------------------------------------------------------------------------


@entry
def activations() -> Iterator[Any]:
    u, v = rng(3).standard_normal((2, 50, 4, 3))
    for one in (act.GROUP_RELU, act.GroupHard(), act.ReLU(), act.SoftThreshold(), act.Identity()):
        yield one.apply(u, LAM), one.active(u, LAM), one.jvp_transpose(u, v, LAM), one.threshold_slope(u, LAM)
    yield act.block_dot(u, v), act.block_dot(u, v, 1)


@entry
def networks() -> Iterator[Any]:
    of = model()
    W, Y = weights(of), rng(4).standard_normal((30, of.n))
    seen, goal = (rng(5).random(Y.shape) < 0.7).astype(float), Y + 0.1 * rng(6).standard_normal(Y.shape)
    yield forward_backward(W, Y, LAM, act.GROUP_RELU)
    yield loss_and_gradient(W, Y, LAM, act.SoftThreshold())
    for accelerated in (False, True):
        net = Unfolded(4, accelerated=accelerated)
        yield momenta(6, accelerated), net.encode(W, Y, LAM, 0.3), net.encode(W, Y, LAM, "spectral", seen)
        for step in ("spectral", [0.2, 0.3, 0.25, 0.1]):
            value, found = net.loss_and_gradient(W, Y, [0.3, 0.2, 0.25, 0.1], step, seen, goal, scalars=True)
            yield value, found.W, found.lam, found.step
        yield net.objective(W, Y, net.encode(W, Y, LAM), LAM)


@entry
def training_steps() -> Iterator[Any]:
    W = weights(model())
    W[:, 1] = 0.0
    yield [normaliser(W) for name, normaliser in NORMALISERS.items() if name != "orthonormal"]
    yield normalise_blocks(weights(model()))
    for optimiser in (SGD(0.1), SGD(0.1, 0.8), Adam(0.01)):
        yield [optimiser.update(name, rng(k).standard_normal(4)) for k, name in enumerate("aabaab")]


# --- simulator ---------------------------------------------------------------------------------------------


@entry
def rules() -> Iterator[Any]:
    law = model().radius
    for d, level in ((1, 3), (2, 5), (3, 4), (4, 3)):
        points, w = quadrature.sphere_rule(d, level)
        yield points @ np.arange(1.0, d + 1), w, quadrature.sphere_size(d, level)
        points, w = quadrature.block_rule(law, d, level, 3)
        yield points @ np.arange(1.0, d + 1), w
        for halve in (True, False):
            yield quadrature.code_size(points, 2, halve)
            for codes, chance in quadrature.code_chunks(points, w, 2, halve, rows=400):
                yield np.arange(1.0, 2 * d + 1) @ codes, chance


@entry
def start_distances() -> Iterator[Any]:
    of = model(block=3, dim=14)
    for kind in starts.STARTS:
        for turned in (False, True):
            W = starts.start(kind, of.dictionary, 1.2, 0.4, rng(7), turned)
            shape = metric.spectrum(W, of.dictionary)
            yield (
                metric.procrustes_distance(W, of.dictionary, 1.2),
                np.sort(shape.values_C, axis=1),
                shape.norm_D,
            )
    far = starts.start("random", of.dictionary, 0.3, 0.9, rng(8))
    yield metric.procrustes_distance(far, of.dictionary, 0.3)


@entry
def distances() -> Iterator[Any]:
    of = model(block=3, dim=14)
    W = weights(of, 0.8)
    yield metric.procrustes_distance(W, of.dictionary, 1.1), metric.unaligned_distance(W, of.dictionary, 1.1)
    yield metric.aligned_distances(W, of.dictionary, (1.0, 1.3)), metric.align(W, of.dictionary)
    shape = metric.spectrum(W, of.dictionary)
    yield [np.sort(np.ravel(getattr(shape, name))) for name in ("values_C", "norm_D")]


def _population(of: GenerativeModel, size: float, lam: float, one: act.Activation) -> Iterator[Any]:
    W = weights(of, size)
    found = population_gradient(of, W, lam, one, budget=300_000)
    yield found.gradient, found.loss, found.certified, found.rows, found.level, found.radius_nodes
    yield found.recovery, found.size, round(np.log10(max(found.error, 1e-12)), 2)


@entry
def population_gradients() -> Iterator[Any]:
    soft = act.SoftThreshold()
    for changes in (
        {},
        {"block": 1},
        {"block": 3, "dim": 13},
        {"radius": "two_point"},
        {"radius": "truncated_normal"},
    ):
        for size, lam in ((0.1, 0.5), (0.6, 0.2)):
            yield from _population(model(**changes), size, lam, act.GROUP_RELU)
    yield from _population(model(), 0.3, 0.2, soft)
    for changes in (
        {"active": 2},
        {"active": 2, "block": 1},
        {"active": 1, "support": "bernoulli", "block": 1},
    ):
        yield from _population(model(**changes), 0.2, 0.35, act.GROUP_RELU)
    yield from _population(model(support="weighted"), 0.2, 0.35, act.GROUP_RELU)


@entry
def derived_gradients() -> Iterator[Any]:
    for changes in ({}, {"active": 2, "block": 1}):
        of = model(**changes)
        W, rule = weights(of, 0.1), PopulationRule(of, 6, 3)
        yield block_gradient(of, W, LAM, rule=rule).gradient, block_gradient(of, W, LAM, rule=rule).loss
        found = interference_gradient(of, W, LAM, rule=rule)
        yield found.gradient, found.size, round(np.log10(max(found.error, 1e-12)), 2)
        yield hessian_apply(of, W, rng(9).standard_normal(W.shape), LAM, rule=rule).value
        near = PopulationRule(of, 3, 2)
        yield levels.estimate_error(near, weights(of, 0.5), 0.2), levels.estimate_error(near, W, LAM)


@entry
def certificates() -> Iterator[Any]:
    for block, dim in ((1, 7), (2, 9), (3, 13)):
        of = model(block=block, dim=dim)
        for size, lam in ((0.1, 0.35), (0.1, 0.9), (0.1, 0.97), (0.1, 1.03), (0.6, 0.35)):
            frame = code_space.Frame.of(weights(of, size), of.dictionary)
            seen = code_space.certify(frame, 2, 0.9, 1.2, lam, act.GROUP_RELU)
            yield seen.silent, seen.exact, code_space.spectral_norms(frame.K), np.diagonal(seen.reach)
            supports = np.array([[0, 1], [1, 2], [0, 3]])
            for batch in code_space.batches(
                supports, np.array([0.2, 0.3, 0.5]), seen, 1.2, lam, act.GROUP_RELU
            ):
                yield batch.supports, batch.looked_at, batch.probabilities


@entry
def sampled_gradients() -> Iterator[Any]:
    for changes in (
        {},
        {"active": 2},
        {"noise": "sphere", "noise_level": 0.2},
        {"active": 2, "support": "bernoulli"},
    ):
        of = model(**changes)
        W = weights(of, 0.4)
        for antithetic in (False, True):
            found = sample_gradient(of, W, LAM, samples=300, rng=rng(10), chunk=128, antithetic=antithetic)
            yield found.gradient, found.loss, found.standard_error, found.total_standard_error, found.recovery
        for path in ("auto", "dense"):
            engine = Engine(of.dictionary, LAM, path=path)
            step = engine.gradient(W, stream(of, 300, rng(10), 128), loss=True)
            yield step.gradient, step.loss, step.recovery, step.samples, step.boundary
            yield np.float64(step.certified), np.float64(step.leaking)


@entry
def step_tables() -> Iterator[Any]:
    for block, dim in ((1, 7), (2, 9), (3, 13)):
        of = model(block=block, dim=dim)
        tables = StepTables(weights(of, 0.5), Dictionary(of.dictionary, "float64"))
        yield (
            tables.reach,
            tables.block_norms,
            tables.largest_block,
            tables.worst,
            tables.diagonal_K,
            tables.diagonal_M,
        )
        sample = of.sample(200, rng(11))
        support, x = sample.support.T, sample.values.transpose(1, 2, 0)
        norms = np.linalg.norm(x, axis=1)
        for lam in (0.05, 0.3, 2.0):
            unsure = leakage.not_certified(tables, support, norms, lam, act.GROUP_RELU)
            found = leakage.find_leaks(tables, support, x, norms, lam, act.GROUP_RELU)
            yield -1 if unsure is None else unsure.sum(), found.samples, found.groups, found.boundary
        tables.sharpen(np.array([True, False, True, False]))
        yield tables.reach
    yield product_error(50, np.float64) * 1e15, product_error(50, np.float32) * 1e6


@entry
def ensembles() -> Iterator[Any]:
    models = [model(), model(dim=11, seed=8), model(radius_max=1.1)]
    for one in (act.GROUP_RELU, act.SoftThreshold()):
        group = Ensemble(models, [0.3, 0.25, 0.5], one, level=5, radius_nodes=3)
        W = group.stacked([weights(of, 0.2) for of in models])
        found = group.gradient(W)
        yield found.gradient, found.size, found.certified, *group.advance(W, [0.3, 0.2, 0.4], 3)
    pairs = [model(active=2, coherence=0.02), model(active=2, coherence=0.02, seed=9)]
    group = Ensemble.choose(pairs, [weights(of, 0.03) for of in pairs], 0.3)
    yield (
        group.level,
        group.radius_nodes,
        group.gradient(group.stacked([weights(of, 0.03) for of in pairs])).gradient,
    )


@entry
def runs() -> Iterator[Any]:
    of = model()
    W = weights(of, 0.1)
    for kind, more in (("population", {}), ("minibatch", {"rng": rng(12)}), ("sample", {"rng": rng(12)})):
        run = descend(of, W, LAM, 0.3, 6, 1.2, gradient=kind, samples=200, chunk=64, **more)
        yield (
            run.distance,
            run.distance_generating,
            run.loss,
            run.recovery,
            run.certified_steps,
            run.rows,
            run.W,
        )
    for step in (0.3, 1.2):
        coarse = descend(of, weights(of, 0.4), LAM, step, 9, 1.2, level=2, radius_nodes=1)
        yield coarse.gradient_error, coarse.level, coarse.radius_nodes, coarse.rows
    noisy = descend(of, W, LAM, 0.3, 9, 1.2, gradient="minibatch", samples=50, rng=rng(13))
    yield noisy.gradient_error, noisy.samples, noisy.gradient_norm
    stopped = descend(of, W, LAM, 0.3, 400, 1.2, tol=1e-3)
    yield stopped.steps, stopped.status == "converged"
    for step in (1e3, 9.0, 5.0):
        blown = descend(of, W, LAM, step, 400, 1.2)
        yield blown.steps, blown.status == "diverged"
    blown = descend(of, W, LAM, 7.0, 400, 0.01)
    yield blown.steps, blown.status == "diverged"
