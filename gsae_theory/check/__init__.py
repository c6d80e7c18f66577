"""Claim meets run: settings, measurements, comparisons, verdicts."""

from gsae_theory.check import observables as observables  # fills the registry
from gsae_theory.check.compare import Comparison as Comparison
from gsae_theory.check.compare import compare as compare
from gsae_theory.check.context import Context as Context
from gsae_theory.check.context import Setting as Setting
from gsae_theory.check.measurement import OBSERVABLES as OBSERVABLES
from gsae_theory.check.measurement import Measurement as Measurement
from gsae_theory.check.measurement import get_observable as get_observable
from gsae_theory.check.measurement import observable as observable
from gsae_theory.check.verdict import Status as Status
from gsae_theory.check.verdict import Verdict as Verdict
