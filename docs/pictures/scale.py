"""The loss along W = w A, for some thresholds: its minimum lies above w = 1."""

import matplotlib.pyplot as plt
import numpy as np

from gsae_theory import Context, ModelSpec, Setting, build_model

model = build_model(ModelSpec(dim=16, groups=4, block=2, dictionary="orthogonal", radius_max=1.2))
A, scales = model.dictionary, np.linspace(0.85, 1.6, 60)
fig, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.1), layout="constrained")
for lam, colour, line in ((0.1, "#009e73", ":"), (0.3, "#0072b2", "-"), (0.6, "#d55e00", "--")):
    context = Context(model, Setting(lam=lam))
    grid = np.sort([*scales, context.s])
    loss = [context.gradient(w * A)[2] for w in grid]
    left.plot(grid, loss, line, color=colour, label=rf"$\lambda={lam}$")
    left.plot(context.s, context.gradient(context.s * A)[2], "*", color=colour, ms=10)
left.axvline(1, color="#999999", lw=1)
left.set(xlabel="scale $w$ of the weights, $W = wA$", ylabel="loss $L(wA)$", yscale="log")
left.legend(title="star: $s_*$", title_fontsize=8)

norm = np.linspace(0, 2, 200)
context = Context(model, Setting(lam=0.6))
for w, colour, line, name in (
    (1.0, "#d55e00", "--", "$w = 1$: too short"),
    (context.s, "#0072b2", "-", "$w = s_*$"),
):
    right.plot(norm, w * np.maximum(w * norm - 0.6, 0), line, color=colour, label=name)
right.plot(norm, norm, color="#999999", lw=1, label="what it should be")
right.axvspan(1, 1.2, color="#009e73", alpha=0.25, lw=0)
right.text(1.1, 0.06, "norms\nthat occur", ha="center", fontsize=7.5)
right.set(xlabel="norm $R$ of the code", ylabel=r"norm of the output, $w\,(wR-\lambda)_+$")
right.legend()
plt.show()
