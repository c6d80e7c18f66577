"""Clustering by active group beside the baselines."""

from __future__ import annotations

from typing import Any

from gsae_theory.report.joined.section import Data, Table

NAMES = {"digits": "digits (1,797 images)", "mnist5k": "MNIST-5k (5,000 images)"}


def build(data: Data) -> dict[str, Any]:
    """Return the parts of the section; a record holds one data set, or several under ``data``."""
    parts = data["data"] if isinstance(data.get("data"), dict) else {str(data.get("data", "data")): data}
    tables, sentences = [], []
    for name, part in parts.items():
        rows = list(part["rows"])
        ours = [row for row in rows if row["method"].startswith("group-sparse")]
        others = [row for row in rows if not row["method"].startswith("group-sparse")]
        best, rival = (max(found, key=lambda row: row["acc_mean"]) for found in (ours, others))
        sentences.append(
            f"{NAMES.get(name, name)}: best group-sparse method {best['method']} with accuracy {best['acc_mean']:.3f}, "
            f"best other method {rival['method']} with {rival['acc_mean']:.3f}."
        )
        tables.append(
            Table(
                f"{NAMES.get(name, name)}: scores against labels that no method saw",
                (
                    ("Method", False), ("Accuracy", True), ("Its std", True), ("NMI", True), ("ARI", True),
                    ("Seconds", True),
                ),
                [
                    [row[key] for key in ("method", "acc_mean", "acc_std", "nmi_mean", "ari_mean", "seconds")]
                    for row in sorted(rows, key=lambda row: -row["acc_mean"])
                ],
            )
        )  # fmt: skip
    return {"sentences": sentences, "tables": tables}
