"""The law of the norm moves the limit.

Four laws of the norm of an active block on the same interval, and the scale s* at which training ends. Only a few
moments of the law matter.
"""

import matplotlib.pyplot as plt
import numpy as np

from gsae_theory import Context, ModelSpec, Setting, build_model

laws = ("uniform", "two_point", "truncated_normal", "truncated_exponential")
thresholds = np.linspace(0.1, 0.9, 25)
fig, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3), layout="constrained")
for law, colour, line in zip(
    laws, ("#0072b2", "#d55e00", "#009e73", "#cc79a7"), ("-", "--", "-.", ":"), strict=True
):
    spec = ModelSpec(
        dim=8, groups=4, block=2, dictionary="orthogonal", radius=law, radius_min=0.5, radius_max=2.0
    )
    model = build_model(spec)
    draws = np.sort(model.radius.sample(np.random.default_rng(0), 4000))
    left.plot(draws, np.linspace(0, 1, 4000), line, color=colour, label=law.replace("_", " "))
    scale = [Context(model, Setting(lam=lam)).s for lam in thresholds]
    right.plot(thresholds, scale, line, color=colour)
left.set(xlabel="norm $R$ of an active block", ylabel="share of draws below")
right.set(xlabel=r"threshold $\lambda$", ylabel=r"scale of the limit, $s_*$")
left.legend()
plt.show()
