"""Training paths in the plane of the two ways to be wrong: scale inside the subspace, and leaving it (block size 1)."""

import matplotlib.pyplot as plt
import numpy as np

from gsae_theory import Context, ModelSpec, Setting, build_model

spec = ModelSpec(dim=24, groups=8, block=1, dictionary="near_orthogonal", coherence=0.02, radius_max=1.2)
model = build_model(spec)
fig, ax = plt.subplots(figsize=(5.4, 3.6), layout="constrained")
for seed in range(3):
    context = Context(model, Setting(lam=0.3, steps=60, seed=seed, fraction=0.98))
    run, s, delta = context.trajectory, context.s, context.delta
    x, y = run.sigma_max - s, run.norm_D  # (steps + 1, groups)
    ax.plot(
        x,
        y,
        ".-",
        color="#0072b2",
        ms=2.5,
        lw=0.8,
        label=["path of a group", *[None] * 7] if seed == 0 else None,
    )
    ax.plot(x[0], y[0], "o", color="#0072b2", ms=3.5)

angle = np.linspace(0, np.pi, 200)
ax.plot(
    delta * np.cos(angle), delta * np.sin(angle), "--", color="#d55e00", label=r"edge of the ball, $\delta$"
)
ax.plot(0, 0, "*", color="black", ms=11, label=r"limit $s_*A_g$", zorder=5, clip_on=False)
ax.plot(1 - s, 0, "s", color="#009e73", ms=7, label=r"generating matrix $A_g$", zorder=5, clip_on=False)
ax.set(
    xlabel=r"scale inside the subspace of $A_g$, minus $s_*$",
    ylabel=r"part outside the subspace, $\|D_g\|$",
    ylim=(0, None), aspect="equal",
)  # fmt: skip
ax.legend(loc="upper center", bbox_to_anchor=(0.5, 1.32), ncols=2)
plt.show()
