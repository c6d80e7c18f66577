"""What is trained: activations and the shallow tied-weight autoencoder with its full gradient."""

from gsae_theory.network.activations import (
    ACTIVATIONS,
    GROUP_HARD,
    GROUP_RELU,
    IDENTITY,
    RELU,
    SOFT,
    Activation,
    get_activation,
)
from gsae_theory.network.autoencoder import (
    decode,
    encode,
    gradient,
    loss,
    loss_and_gradient,
    normalise_blocks,
)

__all__ = [
    "ACTIVATIONS",
    "GROUP_HARD",
    "GROUP_RELU",
    "IDENTITY",
    "RELU",
    "SOFT",
    "Activation",
    "decode",
    "encode",
    "get_activation",
    "gradient",
    "loss",
    "loss_and_gradient",
    "normalise_blocks",
]
