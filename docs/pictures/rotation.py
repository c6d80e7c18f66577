"""Along a rotation of the blocks the loss is flat, the un-aligned distance is not."""

import matplotlib.pyplot as plt
import numpy as np

from gsae_theory import Context, ModelSpec, Setting, build_model
from gsae_theory.simulate import procrustes_distance, unaligned_distance

spec = ModelSpec(dim=16, groups=4, block=2, dictionary="orthogonal", radius_max=1.2)
context = Context(build_model(spec), Setting(lam=0.3))
A, s = context.model.dictionary, context.s
angles = np.linspace(-np.pi, np.pi, 49)
loss, plain, aligned = [], [], []
for angle in angles:
    c, t = np.cos(angle), np.sin(angle)
    W = s * A @ np.array([[c, -t], [t, c]])
    loss.append(context.gradient(W)[2])
    plain.append(unaligned_distance(W, s * A).max())
    aligned.append(procrustes_distance(W, A, s).max())

fig, (top, low) = plt.subplots(2, 1, figsize=(5, 4), layout="constrained", sharex=True)
top.plot(angles, plain, "-.", color="#d55e00", label=r"$\|W_g - s_*A_g\|_F$, not aligned")
top.plot(angles, aligned, color="#0072b2", label=r"$\mathrm{dist}_g(W; s_*A)$, aligned")
top.set(ylabel=r"distance to $s_*A$")
top.legend(loc="upper center")
low.plot(angles, np.array(loss) / loss[24], color="#009e73")
low.set(
    ylim=(0.9, 1.1),
    xlabel="angle by which every block is rotated (radians)",
    ylabel=r"loss, over its value at $s_*A$",
)
for ax in (top, low):
    ax.set_xlabel("angle by which every block is rotated (radians)" if ax is low else " ")
plt.show()
