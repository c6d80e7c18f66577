"""What other commands recorded, joined to the page: proofs, mutants, exploration, experiments, benchmarks."""

from gsae_theory.report.joined.section import KINDS, Section, Table, sections_of

__all__ = ["KINDS", "Section", "Table", "sections_of"]
