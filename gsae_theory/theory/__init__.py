"""What is claimed: assumptions, quantities and theorems as SymPy objects. Never imports a run."""

from gsae_theory.theory import theorems as theorems  # fills the registry
from gsae_theory.theory.quantity import QUANTITIES as QUANTITIES
from gsae_theory.theory.quantity import Environment as Environment
from gsae_theory.theory.quantity import Quantity as Quantity
from gsae_theory.theory.quantity import define as define
from gsae_theory.theory.quantity import get_quantity as get_quantity
from gsae_theory.theory.symbols import TABLE as TABLE
from gsae_theory.theory.symbols import declare as declare
from gsae_theory.theory.symbols import expect_R as expect_R
from gsae_theory.theory.theorem import THEOREMS as THEOREMS
from gsae_theory.theory.theorem import Assumption as Assumption
from gsae_theory.theory.theorem import Margin as Margin
from gsae_theory.theory.theorem import Theorem as Theorem
from gsae_theory.theory.theorem import get_theorem as get_theorem
from gsae_theory.theory.theorem import register as register
