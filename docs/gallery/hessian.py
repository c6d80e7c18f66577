"""Four curvatures at the limit.

The Hessian of the loss at s* A has four eigenvalues (gamma1 Theorem 3), here as functions of the threshold. Rotations
are flat; the smallest positive curvature sets the rate, the largest one the step. Dots: differences of the exact gradient.
"""

import matplotlib.pyplot as plt
import numpy as np

from gsae_theory import Context, ModelSpec, Setting, build_model, verify
from gsae_theory.theory.report_values import hessian_table

thresholds = np.linspace(0.1, 0.9, 30)
spec = ModelSpec(dim=12, groups=4, block=2, dictionary="orthogonal", radius_max=1.2)
model = build_model(spec)
names = [row["direction"] for row in hessian_table(Context(model, Setting(lam=0.5)).base)]

fig, ax = plt.subplots(figsize=(5, 3.2), layout="constrained")
styles = zip(names, ("#999999", "#0072b2", "#009e73", "#d55e00"), ("-", "--", "-.", ":"), "os^D", strict=True)
tables = [hessian_table(Context(model, Setting(lam=lam)).base) for lam in thresholds]
for i, (name, colour, line, marker) in enumerate(styles):
    ax.plot(
        thresholds, [t[i]["eigenvalue"] for t in tables], line, color=colour, label=name.replace("_", " ")
    )
    for lam in (0.2, 0.5, 0.8):
        measured = verify(f"gamma1.hessian.{name}", model, lam=lam).measured
        ax.plot(lam, measured, marker, color=colour, ms=4)
ax.set(xlabel=r"threshold $\lambda$", ylabel=r"eigenvalue of the Hessian of $L/p$ at $s_*A$")
ax.legend(title="direction (line: theory, dot: measured)", title_fontsize=8, loc="center")
plt.show()
