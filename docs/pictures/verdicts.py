"""How a comparison becomes a verdict: measured value with its error against the bound."""

import matplotlib.pyplot as plt

rows = [
    ("HOLDS", -0.55, 0.18, "#0072b2", "the measured value, with its whole error, is below the bound"),
    ("HOLDS (tight)", -0.06, 0.05, "#0072b2", "slack near 1: no better constant here"),
    ("UNDECIDED", 0.04, 0.3, "#e69f00", "the error covers the bound: more samples, finer quadrature"),
    ("REFUTED", 0.45, 0.15, "#d55e00", "above the bound by more than the error: see the witness"),
]
fig, ax = plt.subplots(figsize=(7.2, 3.1), layout="constrained")
for y, (name, value, error, colour, text) in enumerate(reversed(rows)):
    ax.errorbar(value, y, xerr=error, fmt="o", color=colour, capsize=4, lw=2)
    ax.text(-1.72, y, name, va="center", fontweight="bold", color=colour)
    ax.text(0.82, y, text, va="center", fontsize=8)
ax.plot([0, 0], [-0.6, 3.5], color="black", ls="--", lw=1.2)
ax.text(0.02, 3.55, "bound", fontsize=8)
ax.text(
    -1.72, -1.45, "OUT_OF_SCOPE: a hypothesis fails, nothing is compared.\n"
    "NOT_CERTIFIED: compared, but the bound rests on floating point or has no error term.", fontsize=8,
)  # fmt: skip
ax.set(
    xlim=(-1.75, 3.1),
    ylim=(-1.6, 3.9),
    yticks=[],
    xticks=[],
    xlabel="measured value minus bound, of a claim with $\\leq$",
)
ax.spines["left"].set_visible(False)
ax.grid(visible=False)
plt.show()
