"""Several active groups leave a floor.

With one active group training converges to s* A; with two and three it stops at a distance that depends on the
coherence. Dashed: the prediction of general (5.3), which is an expansion and no bound.
"""

import matplotlib.pyplot as plt
import numpy as np

from gsae_theory import Context, ModelSpec, Setting, build_model
from gsae_theory.theory.prediction import predict

fig, ax = plt.subplots(figsize=(5, 3.2), layout="constrained")
for gamma, colour, line in ((1, "#0072b2", "-"), (2, "#009e73", "--"), (3, "#d55e00", "-.")):
    spec = ModelSpec(
        dim=32, groups=8, block=1, active=gamma, dictionary="near_orthogonal", coherence=0.01, radius_max=1.1
    )
    context = Context(build_model(spec), Setting(lam=0.2, eta=0.4, delta=0.05, steps=60, accuracy=1e-8))
    rms = np.sqrt(np.mean(context.trajectory.distance**2, axis=1))
    ax.semilogy(rms, line, color=colour, label=rf"$\gamma={gamma}$")
    if gamma > 1:
        ax.axhline(predict(context.model.dictionary, context.env).rms, color=colour, ls=":", lw=1)
ax.plot([], [], "k:", lw=1, label="prediction (5.3)")
ax.set(xlabel="iteration $k$", ylabel=r"root mean square of $\mathrm{dist}_g(W_k;\, s_*A)$")
ax.legend()
plt.show()
