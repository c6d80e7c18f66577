"""Groups of a network trained on digits.

scikit-learn's digits, ten groups of four atoms from a K-subspaces start. Each column is a group: on top the mean of
the digits that wake it up, below its atoms.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from gsae_theory import GroupSparseAutoencoder

Y = load_digits().data
mean = Y.mean(axis=0)
scaled = (Y - mean) / np.linalg.norm(Y - mean, axis=1, keepdims=True)
net = GroupSparseAutoencoder(n_groups=10, block_size=4, lam=0.1, init="k_subspaces", epochs=1, random_state=0)
cluster = net.fit(scaled).predict(scaled)
atoms = net.inverse_transform(np.eye(40)).reshape(10, 4, 8, 8)

tiles = [
    [Y[cluster == g].mean(axis=0).reshape(8, 8) if (cluster == g).any() else 0 * mean.reshape(8, 8)]
    for g in range(10)
]
fig, axes = plt.subplots(5, 10, figsize=(7.2, 3.9), gridspec_kw={"wspace": 0.08, "hspace": 0.08})
for g in range(10):
    for row in range(5):
        axes[row, g].imshow(
            tiles[g][0] if row == 0 else atoms[g, row - 1], cmap="gray_r" if row == 0 else "PuOr"
        )
        axes[row, g].set_axis_off()
    axes[0, g].set_title(f"{(cluster == g).sum()}", fontsize=8)
fig.suptitle("number and mean of the digits of a group; below, its four atoms", fontsize=9)
plt.show()
