"""Every step contracts every group.

The distance of each group to s* A along a run, and the geometric envelope of gamma1 Theorem 4. The worst group is
the one that the bound is about.
"""

import matplotlib.pyplot as plt
import numpy as np

from gsae_theory import Context, ModelSpec, Setting, build_model, get_theorem

spec = ModelSpec(dim=48, groups=12, block=2, dictionary="near_orthogonal", coherence=0.03, radius_max=1.2)
context = Context(build_model(spec), Setting(lam=0.3, steps=80))
distance = context.trajectory.distance  # (steps + 1, groups)

envelope = get_theorem("gamma1.envelope").bound
k = np.arange(len(distance))
bound = context.env.with_values(dist0=distance[0].max(), iteration=k).evaluate(envelope)

fig, ax = plt.subplots(figsize=(5, 3.2), layout="constrained")
ax.semilogy(k, distance, color="#0072b2", lw=0.8, label=["measured, each group", *[None] * 11])
ax.semilogy(k, bound, color="#d55e00", ls="--", label="bound of Theorem 4, from the worst start")
ax.set(xlabel="iteration $k$", ylabel=r"distance to $s_*A$, $\mathrm{dist}_g(W_k;\, s_*A)$")
ax.legend()
plt.show()
