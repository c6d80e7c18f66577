"""The asymptotic rate is known exactly.

The ratio of successive distances tends to 1 - eta kappa*, with kappa* the curvature out of the subspace of the block
(gamma1 Theorem 3). At the largest admitted step, which grows with d, it is the same for every block size.
"""

import matplotlib.pyplot as plt

from gsae_theory import Context, ModelSpec, Setting, build_model

fig, ax = plt.subplots(figsize=(5, 3.2), layout="constrained")
for d, colour, marker in ((1, "#0072b2", "o"), (2, "#009e73", "s"), (4, "#d55e00", "^")):
    spec = ModelSpec(dim=48, groups=8, block=d, dictionary="orthogonal", radius_max=1.2)
    context = Context(build_model(spec), Setting(lam=0.4, steps=60))
    distance = context.trajectory.distance.max(axis=1)
    good = distance[1:] > 1e-8
    ratio = (distance[1:] / distance[:-1])[good]
    rate = 1 - context.eta * context.env["kappa_star"]
    ax.plot(ratio, marker, color=colour, ms=3, label=f"measured, $d={d}$")
    ax.axhline(rate, color=colour, ls="--", lw=1)
ax.plot([], [], "k--", lw=1, label=r"theory: $1-\eta\kappa_*$")
ax.set(xlabel="iteration $k$", ylabel=r"$\mathrm{dist}(W_{k+1})\,/\,\mathrm{dist}(W_k)$, worst group")
ax.legend()
plt.show()
