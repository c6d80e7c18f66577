"""Codes of a trained network come in blocks.

A network is trained on samples of a group-sparse model, from random weights; rows are samples, ordered by their true
group, columns the units. Every sample wakes up one block of three units.
"""

import matplotlib.pyplot as plt
import numpy as np

from gsae_theory import GroupSparseAutoencoder, ModelSpec, build_model

model = build_model(ModelSpec(dim=24, groups=6, block=3, dictionary="orthogonal", radius_max=1.2, seed=1))
sample = model.sample(400, np.random.default_rng(0))
Y, group = model.observe(sample), sample.support[:, 0]
net = GroupSparseAutoencoder(n_groups=6, block_size=3, lam=0.3, init="k_subspaces", random_state=0).fit(Y)

rows = np.argsort(group, kind="stable")[::4]
codes = net.transform(Y[rows])
limit = np.abs(codes).max()
fig, ax = plt.subplots(figsize=(5, 3.6), layout="constrained")
image = ax.imshow(codes, aspect="auto", cmap="PuOr", vmin=-limit, vmax=limit, interpolation="nearest")
ax.set(xlabel="unit (blocks of three)", ylabel="sample, ordered by its true group")
ax.set_xticks(np.arange(0, 18, 3) - 0.5, [str(i) for i in range(0, 18, 3)])
ax.grid(visible=True, axis="x", color="#999999")
fig.colorbar(image, label="code $h$")
plt.show()
