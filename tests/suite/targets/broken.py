"""Implementations with one mistake each; the suite must fail every one and say what is wrong."""

import numpy as np

from gsae_theory.suite.diagnose import wrong_codes, wrong_gradients
from gsae_theory.suite.reference import Reference


class NoEncoderTerm(Reference):
    def gradient(self, W, Y, lam):
        h = self.encode(W, Y, lam)
        r = Y - self.decode(W, h)
        return -np.einsum("kn,kgi->ngi", r, h) / len(Y)

    def step(self, W, Y, lam, eta, p):
        return W - eta / p * self.gradient(W, Y, lam)


class PlainRelu(Reference):
    def encode(self, W, Y, lam):
        return np.maximum(0.0, np.einsum("ngi,kn->kgi", W, Y) - lam)


class StepWithoutP(Reference):
    def step(self, W, Y, lam, eta, p):
        return W - eta * self.gradient(W, Y, lam)


class StepWithoutPAlone:
    """The same mistake where there is no gradient to compare with: only the contraction shows it."""

    def encode(self, W, Y, lam):
        return Reference().encode(W, Y, lam)

    def step(self, W, Y, lam, eta, p):
        return W - eta * Reference().gradient(W, Y, lam)


class HardThreshold(Reference):
    def encode(self, W, Y, lam):
        u = np.einsum("ngi,kn->kgi", W, Y)
        return u * (np.linalg.norm(u, axis=-1, keepdims=True) > lam)


class SmoothThreshold(Reference):
    def encode(self, W, Y, lam):
        u = np.einsum("ngi,kn->kgi", W, Y)
        gate = 1 - lam / np.sqrt((u**2).sum(axis=-1, keepdims=True) + 1e-12)
        return np.logaddexp(0.0, 200 * gate) / 200 * u


class SummedLoss(Reference):
    def gradient(self, W, Y, lam):
        return len(Y) * Reference.gradient(self, W, Y, lam)


class WeightDecay(Reference):
    def gradient(self, W, Y, lam):
        return Reference.gradient(self, W, Y, lam) + 1e-3 * W


class HeldScaling(Reference):
    """The scaling 1 - lam/||u|| held fixed, as a detached factor would."""

    def gradient(self, W, Y, lam):
        found = wrong_gradients(W, Y, lam)
        return next(value for name, value in found.items() if "held fixed" in name)


class NormalisedStep(Reference):
    def step(self, W, Y, lam, eta, p):
        W = Reference.step(self, W, Y, lam, eta, p)
        return W / np.linalg.norm(W, axis=0, keepdims=True)


class IgnoredWeights(Reference):
    def gradient(self, W, Y, lam, weights=None):
        return Reference.gradient(self, W, Y, lam)


class ThresholdTimesRootD(Reference):
    def encode(self, W, Y, lam):
        found = wrong_codes(W, Y, lam)
        return next(value for name, value in found.items() if name.startswith("threshold lambda sqrt(d) "))


class WrongShape(Reference):
    def encode(self, W, Y, lam):
        return Reference.encode(self, W, Y, lam).reshape(len(Y), -1)


class SinglePrecisionByAccident(Reference):
    def encode(self, W, Y, lam):
        return Reference.encode(self, W, Y, lam).astype(np.float32)


class EncodeOnly:
    def encode(self, W, Y, lam):
        return Reference().encode(W, Y, lam)


class NeedsArguments(Reference):
    def __init__(self, size):
        self.size = size


class OneWinner(Reference):
    """Only the loudest group fires: right on data with one active group, wrong on any other."""

    def encode(self, W, Y, lam):
        h = Reference.encode(self, W, Y, lam)
        size = np.linalg.norm(h, axis=-1)
        return h * (np.arange(h.shape[1]) == size.argmax(axis=1)[:, None])[:, :, None]


class BatchThreshold(Reference):
    """The threshold follows the batch, like a normalisation layer in training mode."""

    def encode(self, W, Y, lam):
        return Reference.encode(self, W, Y, lam * np.sqrt((Y**2).sum(axis=1).mean()))


class UntiedDecoder(Reference):
    def decode(self, W, h):
        return Reference.decode(self, W / np.linalg.norm(W, axis=0, keepdims=True), h)


class DecayingStep(Reference):
    def step(self, W, Y, lam, eta, p):
        return Reference.step(self, W, Y, lam, 0.5 * eta, p)


class TooLongAStep(Reference):
    """Twice the step: faster near the limit, outside the theorem at its largest step."""

    def step(self, W, Y, lam, eta, p):
        return Reference.step(self, W, Y, lam, 2 * eta, p)


class ClippedGradient(Reference):
    def gradient(self, W, Y, lam):
        g = Reference.gradient(self, W, Y, lam)
        return g * min(1.0, 0.05 / max(np.linalg.norm(g), 1e-300))


class SignDescent(Reference):
    def step(self, W, Y, lam, eta, p):
        return W - 0.01 * np.sign(self.gradient(W, Y, lam))


class BuiltInThreshold(Reference):
    def encode(self, W, Y, lam):
        return Reference.encode(self, W, Y, max(lam, 0.1))


class NotANumberAtZero(Reference):
    def encode(self, W, Y, lam):
        u = np.einsum("ngi,kn->kgi", W, Y)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.maximum(0.0, 1 - lam / np.linalg.norm(u, axis=-1, keepdims=True)) * u


class DoubledLoss(Reference):
    def gradient(self, W, Y, lam):
        return 2 * Reference.gradient(self, W, Y, lam)


class EntrywisePenalty(Reference):
    """An l1 penalty on the weights: it sees rotations of the blocks."""

    def gradient(self, W, Y, lam):
        return Reference.gradient(self, W, Y, lam) + 1e-2 * np.sign(W)
