"""Which assumption carries the theorem, and where it breaks: dials, trials, the map."""

import gsae_theory.explore.dials_data
import gsae_theory.explore.dials_training  # noqa: F401  (importing registers the dials)
from gsae_theory.check.standing import STANDING
from gsae_theory.explore.case import BASES, Case
from gsae_theory.explore.dial import CONCLUSIONS, DIALS, Dial, get_dial, register_dial
from gsae_theory.explore.explorer import explore, explore_pair, listing
from gsae_theory.explore.spec import ExploreSpec, read_spec
from gsae_theory.explore.studies import basin, conjectures

__all__ = [
    "BASES",
    "CONCLUSIONS",
    "DIALS",
    "STANDING",
    "Case",
    "Dial",
    "ExploreSpec",
    "basin",
    "conjectures",
    "explore",
    "explore_pair",
    "get_dial",
    "listing",
    "read_spec",
    "register_dial",
]
