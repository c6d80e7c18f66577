"""What each figure says, in words: captions, and text alternatives with the numbers that matter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gsae_theory.report.schema import (
    ContractionCurve,
    FloorRow,
    Number,
    ReportRecord,
    SpectrumRow,
    SupportCurve,
    UnalignedCurve,
)

FLOORS_CAPTION = (
    "Floor around s* A for several numbers of active groups. Bars: bounds. Dots and squares: measured. "
    "Crosses: prediction (5.3), which has no error bound. The instances differ in coherence: see the table."
)
OVERVIEW_CAPTION = (
    "Bound and measurement. a: distance to s* A of the worst group, one active group. b: the same run in two metrics. "
    "c: floors for one, two and three active groups."
)
SPECTRUM_CAPTION = "Eigenvalues of the Hessian at the limit, predicted and measured."
BLOCKS_CAPTION = (
    "Learned blocks as images (orange negative, purple positive). A block is identified only up to a rotation, "
    "so each is shown in the principal directions of its codes, strongest first."
)
RECONSTRUCTIONS_CAPTION = "Sixteen held-out images and what the network makes of them."
CLUSTERING_CAPTION = "Clustering by active group beside k-means with as many clusters. Lines: one standard deviation over seeds."
LOSS_CAPTION = "Training loss."


def contraction(curve: ContractionCurve) -> str:
    """Describe a contraction curve."""
    text = (
        f"Distance to s* A against iteration, logarithmic. Measured: from {_text(curve.measured_max[0])} to "
        f"{_text(curve.measured_max[-1])} in {curve.iterations[-1]} iterations"
    )
    if curve.rate_measured is not None:
        text += f", factor per step {_text(curve.rate_measured)}"
    if curve.rate_sharp is not None:
        text += f" where the sharp rate is {_text(curve.rate_sharp)}"
    above = [b / m for b, m in zip(curve.bound, curve.measured_max, strict=True) if b and m]
    return text + (f". The bound is never below {_text(min(above))} times the measurement." if above else ".")


def overview(record: ReportRecord) -> str:
    """Describe the three frames of the overview."""
    parts = [contraction(record.curves[-1]), floors(record.floors)]
    if record.unaligned is not None:
        parts.insert(1, unaligned(record.unaligned))
    return " ".join(parts)


def floors(rows: Sequence[FloorRow]) -> str:
    """Describe the floors."""
    parts = [
        f"{row.gamma} active: measured rms {_text(row.measured_rms)}, predicted {_text(row.predicted_rms)}, "
        f"bound {_text(row.bound_rms)}"
        for row in rows
    ]
    return "Floor of the distance to s* A. " + "; ".join(parts) + "."


def support(curve: SupportCurve) -> str:
    """Describe the support curve."""
    window = "no threshold is admissible" if curve.window is None else "admissible window {} to {}".format(
        *map(_text, curve.window)
    )  # fmt: skip
    found = [value for value in curve.probability if value is not None]
    perfect = [lam for lam, value in zip(curve.lam, curve.probability, strict=True) if value == 1]
    text = f"Probability of exact supports against the threshold; {window}. Largest {_text(max(found, default=None))}"
    return text + (f", equal to 1 from {_text(min(perfect))} to {_text(max(perfect))}." if perfect else ".")


def spectrum(rows: Sequence[SpectrumRow]) -> str:
    """Describe the spectrum."""
    parts = [
        f"{row.direction.replace('_', ' ')} predicted {_text(row.predicted)} measured {_text(row.measured)}"
        for row in rows
    ]
    return "Hessian eigenvalues. " + "; ".join(parts) + "."


def unaligned(curve: UnalignedCurve) -> str:
    """Describe the run in two metrics."""
    return (
        f"The aligned distance to s* A falls from {_text(curve.procrustes[0])} to {_text(curve.procrustes[-1])}; "
        f"the un-aligned distance to A goes from {_text(curve.unaligned_to_A[0])} to {_text(curve.unaligned_to_A[-1])}."
    )


def blocks(digits: dict[str, Any]) -> str:
    """Describe the learned blocks."""
    names = ", ".join(str(digit) for digit in digits["block_digits"])
    return f"Images of the {digits['groups']} learned blocks of {digits['block']} atoms. Most frequent digit by group: {names}."


def reconstructions(digits: dict[str, Any]) -> str:
    """Describe the reconstructions."""
    error = digits["reconstruction"]["held_out"]["mean"]
    return f"Sixteen held-out digits and their reconstructions; relative squared error {_text(error)} on all held-out images."


def clustering(digits: dict[str, Any]) -> str:
    """Describe the clustering bars."""
    parts = [
        f"{row['method']}: accuracy {_text(row['accuracy']['mean'])}, NMI {_text(row['nmi']['mean'])}, ARI {_text(row['ari']['mean'])}"
        for row in digits["clustering"]
        if row.get("accuracy")
    ]
    return "; ".join(parts) + "."


def loss(digits: dict[str, Any]) -> str:
    """Describe the loss curve."""
    values = digits["loss"]
    return f"Training loss falls from {_text(values[0])} to {_text(values[-1])} in {len(values) - 1} steps."


def _text(value: Number) -> str:
    return "none" if value is None else f"{value:.4g}"
