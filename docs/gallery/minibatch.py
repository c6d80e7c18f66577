"""Minibatches leave noise only where the norm varies.

With norms that vary SGD stops at a distance set by the batch; with a constant norm every sample is reconstructed at
the limit, its gradient is zero there, and SGD converges (side T3.6).
"""

import matplotlib.pyplot as plt

from gsae_theory import Context, ModelSpec, Setting, build_model

fig, axes = plt.subplots(1, 2, figsize=(7.2, 3), layout="constrained", sharey=True)
for ax, high, title in ((axes[0], 1.4, "norms between 1 and 1.4"), (axes[1], 1.0, "constant norm")):
    for batch, colour, line in ((100, "#d55e00", ":"), (400, "#009e73", "--"), (1600, "#0072b2", "-")):
        spec = ModelSpec(dim=16, groups=4, block=2, dictionary="orthogonal", radius_max=high)
        setting = Setting(lam=0.3, eta=0.4, steps=120, gradient="minibatch", samples=batch)
        run = Context(build_model(spec), setting).trajectory
        ax.semilogy(run.distance.max(axis=1), line, color=colour, label=f"{batch} samples per step")
    ax.set(title=title, xlabel="iteration $k$")
axes[0].set_ylabel(r"distance to $s_*A$, worst group")
axes[0].legend()
plt.show()
