"""How large may the step be?

Distance after 60 steps against the step size, in units of the largest step that the theorem admits. Training goes on
to converge beyond it, up to 2 over the largest curvature.
"""

import matplotlib.pyplot as plt
import numpy as np

from gsae_theory import Context, ModelSpec, Setting, build_model

model = build_model(ModelSpec(dim=24, groups=6, block=2, dictionary="orthogonal", radius_max=1.2))
admitted = Context(model, Setting(lam=0.3)).eta
curvature = Context(model, Setting(lam=0.3)).env["L_star"]

shares = np.linspace(0.1, 2.2, 43)
after = []
for share in shares:
    run = Context(model, Setting(lam=0.3, eta=share * admitted, steps=60)).trajectory
    after.append(run.distance[-1].max())

fig, ax = plt.subplots(figsize=(5, 3.2), layout="constrained")
ax.semilogy(shares, after, "o-", ms=3, color="#0072b2", label="measured after 60 steps")
ax.axvline(1, color="#009e73", ls="--", label=r"admitted by Theorem 4, $\eta_{\max}$")
ax.axvline(
    2 / curvature / admitted, color="#d55e00", ls=":", label=r"$2/L_*$, where the linearised step fails"
)
ax.set(xlabel=r"step $\eta / \eta_{\max}$", ylabel=r"distance to $s_*A$, worst group")
ax.legend(loc="lower left")
plt.show()
