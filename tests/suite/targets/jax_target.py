"""A JAX implementation in single precision that offers a step and no gradient."""

import jax
import jax.numpy as jnp


class JaxAutoencoder:
    framework, dtype = "jax", "float32"

    def encode(self, W, Y, lam):
        u = jnp.einsum("ngi,kn->kgi", W, Y)
        square = (u**2).sum(axis=-1, keepdims=True)
        norm = jnp.sqrt(jnp.where(square > 0, square, 1.0))
        return jnp.where(square > 0, jnp.maximum(0.0, 1 - lam / norm), 0.0) * u

    def step(self, W, Y, lam, eta, p):
        def loss(W):
            residual = Y - jnp.einsum("ngi,kgi->kn", W, self.encode(W, Y, lam))
            return 0.5 * (residual**2).sum(axis=1).mean()

        return W - eta / p * jax.grad(loss)(W)
