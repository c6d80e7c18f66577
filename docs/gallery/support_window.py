"""Between two thresholds every support is exact.

At W = s* A: the share of samples whose active set is the support, against the threshold, and the window in which
gamma1 Theorem 1 promises it for every code.
"""

import matplotlib.pyplot as plt
import numpy as np

from gsae_theory import Context, ModelSpec, Setting, build_model
from gsae_theory.network import GROUP_RELU

spec = ModelSpec(
    dim=24, groups=12, block=2, dictionary="near_orthogonal", coherence=0.25, radius_min=0.6, radius_max=1.4
)
model = build_model(spec)
sample = model.sample(4000, np.random.default_rng(0))
Y, truth = model.observe(sample), np.zeros((4000, 12), dtype=bool)
truth[np.arange(4000), sample.support[:, 0]] = True

thresholds = np.linspace(0.05, 1.7, 60)
exact, inside = [], []
for lam in thresholds:
    base = Context(model, Setting(lam=lam)).base
    s = base["s"]
    u = np.einsum("ngi,kn->kgi", s * model.dictionary, Y)
    exact.append((GROUP_RELU.active(u, lam) == truth).all(axis=1).mean())
    inside.append(s * base["mu"] * base["B_max"] <= lam < s * base["B_min"])

fig, ax = plt.subplots(figsize=(5, 3), layout="constrained")
window = thresholds[inside]
ax.axvspan(window[0], window[-1], color="#009e73", alpha=0.2, label="window (S) of Theorem 1")
ax.plot(thresholds, exact, color="#0072b2", label="measured, 4000 samples")
ax.set(xlabel=r"threshold $\lambda$", ylabel="share of samples with exact support", ylim=(0, 1.03))
ax.legend(loc="lower center")
plt.show()
