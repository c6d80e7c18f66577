"""Training ends at s* A, not at A.

The distance to A tends to (s* - 1) sqrt(d), exactly. Orthonormalising the blocks removes the bias: it is a pure scale.
"""

import matplotlib.pyplot as plt
import numpy as np

from gsae_theory import Context, ModelSpec, Setting, build_model
from gsae_theory.network import normalise_blocks
from gsae_theory.simulate import procrustes_distance

thresholds = np.linspace(0.1, 0.9, 9)
reached, normalised, radius = [], [], []
for lam in thresholds:
    spec = ModelSpec(dim=24, groups=6, block=2, dictionary="orthogonal", radius_max=1.2)
    context = Context(build_model(spec), Setting(lam=lam, steps=250))
    run, A = context.trajectory, context.model.dictionary
    reached.append(run.distance_generating[-1].max())
    normalised.append(procrustes_distance(normalise_blocks(run.W), A).max())
    radius.append(context.env["radius_generating"])

fig, ax = plt.subplots(figsize=(5, 3.2), layout="constrained")
ax.plot(thresholds, radius, color="#d55e00", ls="--", label=r"theory: $(s_*-1)\sqrt{d}$")
ax.plot(thresholds, reached, "o", color="#0072b2", label="measured at the end of training")
ax.plot(thresholds, normalised, "s", color="#009e73", ms=4, label="measured, blocks orthonormalised")
ax.set(xlabel=r"threshold $\lambda$", ylabel=r"distance to $A$ at the end")
ax.legend()
plt.show()
