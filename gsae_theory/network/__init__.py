"""What is trained: activations and the shallow tied-weight autoencoder with its full gradient."""

from gsae_theory.network.activations import (
    ACTIVATIONS,
    GROUP_HARD,
    GROUP_RELU,
    IDENTITY,
    RELU,
    SOFT,
    Activation,
    NonNegative,
    get_activation,
    register_activation,
)
from gsae_theory.network.autoencoder import (
    decode,
    encode,
    gradient,
    loss,
    loss_and_gradient,
    normalise_blocks,
)
from gsae_theory.network.normalisers import NORMALISERS
from gsae_theory.network.optimisers import OPTIMISERS, SGD, Adam, Optimiser
from gsae_theory.network.unfolded import Gradients, Unfolded

__all__ = [
    "ACTIVATIONS",
    "GROUP_HARD",
    "GROUP_RELU",
    "IDENTITY",
    "NORMALISERS",
    "OPTIMISERS",
    "RELU",
    "SGD",
    "SOFT",
    "Activation",
    "Adam",
    "Gradients",
    "NonNegative",
    "Optimiser",
    "Unfolded",
    "decode",
    "encode",
    "get_activation",
    "gradient",
    "loss",
    "loss_and_gradient",
    "normalise_blocks",
    "register_activation",
]
