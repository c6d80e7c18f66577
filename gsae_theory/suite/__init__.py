"""Properties of the theory, run against an implementation of your own (docs/suite.md).

``pytest --pyargs gsae_theory.suite --gsae-target=package.module:Class``. A target implements
`gsae_theory.suite.protocol.Autoencoder` in NumPy, PyTorch or JAX arrays; without a target the package's
own network is tested.
"""
