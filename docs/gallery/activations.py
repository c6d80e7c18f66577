"""What the activations do to one block.

Two coordinates of a block before (tails of the arrows) and after (heads): the group-sparse ReLU keeps the direction,
elementwise thresholds do not.
"""

import matplotlib.pyplot as plt
import numpy as np

from gsae_theory.network import ACTIVATIONS

grid = np.linspace(-1.8, 1.8, 7)
u = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 1, 2)
fig, axes = plt.subplots(1, 3, figsize=(7.2, 2.7), layout="constrained", sharey=True)
titles = {"group_relu": "group-sparse ReLU", "soft": "soft threshold", "relu": "ReLU"}
for ax, (name, title) in zip(axes, titles.items(), strict=True):
    h = ACTIVATIONS[name].apply(u, 0.6)
    start, move = u[:, 0], (h - u)[:, 0]
    silent = ~h[:, 0].any(axis=1)
    for part, colour in ((silent, "#d55e00"), (~silent, "#0072b2")):
        ax.quiver(
            *start[part].T,
            *move[part].T,
            color=colour,
            angles="xy",
            scale_units="xy",
            scale=1,
            width=0.006,
            headwidth=4,
        )
    ax.set(title=title, xlabel="first coordinate $u_1$", aspect="equal", xlim=(-2.2, 2.2), ylim=(-2.2, 2.2))
axes[0].set_ylabel("second coordinate $u_2$")
axes[2].plot([], [], color="#d55e00", label="ends at 0")
axes[2].plot([], [], color="#0072b2", label="does not")
fig.legend(loc="outside lower center", ncols=2)
plt.show()
