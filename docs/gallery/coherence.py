"""How incoherent can a dictionary be?

Block coherence of random and of optimised dictionaries in 32 dimensions against the number of groups of two atoms,
beside the block Welch bound, below which no dictionary lies.
"""

import matplotlib.pyplot as plt

from gsae_theory import ModelSpec, build_model
from gsae_theory.model import block_coherence, block_welch_bound

groups = (8, 12, 16, 20, 24, 32)
fig, ax = plt.subplots(figsize=(5, 3.2), layout="constrained")
for name, colour, marker in (("random", "#d55e00", "s-"), ("low_coherence", "#0072b2", "o-")):
    models = [build_model(ModelSpec(dim=32, groups=G, block=2, dictionary=name)) for G in groups]
    ax.plot(
        groups,
        [block_coherence(m.dictionary) for m in models],
        marker,
        color=colour,
        label=name.replace("_", " "),
    )
ax.plot(groups, [block_welch_bound(32, G, 2) for G in groups], "k--", label="block Welch bound")
ax.axvline(16, color="#999999", lw=1)
ax.text(16.3, 0.4, "a basis ends here", color="#555555", fontsize=8)
ax.set(xlabel=r"number of groups $\Gamma$", ylabel=r"block coherence $\mu$", ylim=(-0.02, None))
ax.legend()
plt.show()
