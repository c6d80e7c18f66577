"""What a small level buys (a suite that is quiet) and what it costs (less than four times the samples)."""

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import norm

levels = ((0.05, "#d55e00", ":"), (1e-3, "#009e73", "--"), (1e-9, "#0072b2", "-"))
fig, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.1), layout="constrained")
count = np.logspace(0, 5, 200)
for level, colour, line in levels:
    left.loglog(count, -np.expm1(count * np.log1p(-level)), line, color=colour, label=f"level {level:g}")
left.set(xlabel="number of true claims tested", ylabel="P(some true claim is rejected)", ylim=(1e-9, 2))
left.legend(loc="lower right")

gap = np.linspace(0.05, 0.5, 100)  # how wrong the claim is, in standard deviations of one sample
for level, colour, line in levels:
    needed = ((norm.isf(level) + norm.isf(1e-3)) / gap) ** 2  # to reject a wrong claim with probability 0.999
    right.semilogy(gap, needed, line, color=colour)
right.set(xlabel="size of the mistake (standard deviations)", ylabel="samples that expose it")
plt.show()
