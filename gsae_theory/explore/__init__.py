"""Which assumption carries the theorem, and where it breaks: dials, trials, the map."""

import gsae_theory.explore.dials_data
import gsae_theory.explore.dials_training
from gsae_theory.explore.case import BASES, Case
from gsae_theory.explore.dial import CONCLUSIONS, DIALS, STANDING, Dial, get_dial, register_dial

__all__ = ["BASES", "CONCLUSIONS", "DIALS", "STANDING", "Case", "Dial", "get_dial", "register_dial"]
