"""A PyTorch implementation whose gradient is automatic differentiation."""

import torch


class TorchAutoencoder:
    framework = "torch"

    def encode(self, W, Y, lam):
        u = torch.einsum("ngi,kn->kgi", W, Y)
        norm = u.norm(dim=-1, keepdim=True)
        safe = torch.where(norm > 0, norm, torch.ones_like(norm))
        return torch.clamp(1 - lam / safe, min=0) * (norm > 0) * u if lam > 0 else u

    def decode(self, W, h):
        return torch.einsum("ngi,kgi->kn", W, h)

    def gradient(self, W, Y, lam, weights=None):
        W = W.clone().requires_grad_(True)
        residual = Y - self.decode(W, self.encode(W, Y, lam))
        losses = 0.5 * (residual**2).sum(dim=1)
        loss = losses.mean() if weights is None else (weights * losses).sum()
        (gradient,) = torch.autograd.grad(loss, W)
        return gradient


class TorchSinglePrecision(TorchAutoencoder):
    dtype = "float32"
