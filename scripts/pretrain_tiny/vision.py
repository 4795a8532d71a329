"""Stage 1: train the vision tower to tell faces apart in any view (contrastive learning, arXiv 2004.11362).

Every image token is trained to identify the face, not only their mean, because the language model attends to
them one by one.
"""

from __future__ import annotations

import time

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mllmu.models.tiny.processor import IMAGE_SIZE
from mllmu.training.precision import computes_bfloat16

MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073]).view(1, 3, 1, 1)
STD = torch.tensor([0.26862954, 0.26130258, 0.27577711]).view(1, 3, 1, 1)


def to_pixels(drawings: np.ndarray) -> Tensor:
    """uint8 [n, h, w, 3] -> normalised float [n, 3, h, w], as CLIP's preprocessing does."""
    pixels = torch.from_numpy(drawings).permute(0, 3, 1, 2).float() / 255
    return (pixels - MEAN) / STD


def jitter(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """Shift by up to three pixels and change brightness a little, one draw per batch."""
    dy, dx = (int(v) for v in torch.randint(-3, 4, (2,), generator=generator))
    gain = 0.9 + 0.2 * torch.rand(pixels.shape[0], 1, 1, 1, generator=generator)
    padded = F.pad(pixels, (3, 3, 3, 3), mode="replicate")
    return padded[:, :, 3 + dy : 3 + dy + IMAGE_SIZE, 3 + dx : 3 + dx + IMAGE_SIZE] * gain


class IdentityHead(nn.Module):
    """Maps image tokens to unit-length embeddings of the identity; used in this stage only."""

    def __init__(self, hidden: int, out: int = 96) -> None:
        super().__init__()
        self.token = nn.Sequential(nn.LayerNorm(hidden), nn.Linear(hidden, out))

    def forward(self, tokens: Tensor) -> Tensor:
        """[b, t, hidden] -> [b, t, out]."""
        return F.normalize(self.token(tokens), dim=-1)


def contrast(a: Tensor, b: Tensor, temperature: float = 0.07) -> Tensor:
    """InfoNCE both ways between two poses [b, d] of the same b people (arXiv 1807.03748)."""
    logits = a @ b.T / temperature
    target = torch.arange(len(a))
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def tokens_of(tower: nn.Module, pixels: Tensor) -> Tensor:
    """The tower's image tokens that LLaVA uses: the last hidden states without the class token."""
    return tower(pixel_values=pixels, output_hidden_states=True).hidden_states[-1][:, 1:]


def train_tower(
    tower: nn.Module, drawings: np.ndarray, steps: int, batch: int, rate: float, seed: int
) -> None:
    """Train the tower in place.

    Args:
        tower: a CLIP vision model.
        drawings: uint8 [faces, poses, h, w, 3], with at least two poses.
        steps: optimizer steps.
        batch: faces per step, two poses of each.
        rate: peak learning rate.
        seed: seed of the batches and of the identity head; torch's global random state is restored.
    """
    generator = torch.Generator().manual_seed(seed)
    faces, poses = drawings.shape[:2]
    batch = min(batch, faces)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        head = IdentityHead(tower.config.hidden_size)
    parameters = [*tower.parameters(), *head.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.05, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps, pct_start=0.1)
    half = computes_bfloat16(torch.device("cpu"))
    tower.train()
    started = time.monotonic()
    for step in range(steps):
        chosen = torch.randperm(faces, generator=generator)[:batch]
        first = torch.randint(0, poses, (batch,), generator=generator)
        second = (first + torch.randint(1, poses, (batch,), generator=generator)) % poses
        a = to_pixels(drawings[chosen.numpy(), first.numpy()])
        b = to_pixels(drawings[chosen.numpy(), second.numpy()])
        pixels = torch.cat([jitter(a, generator), jitter(b, generator)])
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            tokens = tokens_of(tower, pixels)
        embedded = head(tokens.float())
        x, y = embedded[:batch], embedded[batch:]
        mean = contrast(F.normalize(x.mean(1), dim=-1), F.normalize(y.mean(1), dim=-1))
        i, j = (torch.randint(0, x.shape[1], (batch,), generator=generator) for _ in range(2))
        rows = torch.arange(batch)
        single = contrast(x[rows, i], y[rows, j], 0.1)
        loss = mean + single
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        if step % 50 == 0 or step == steps - 1:
            seconds = time.monotonic() - started
            print(
                f"vision {step}/{steps} mean {mean.item():.3f} token {single.item():.3f} {seconds:.0f}s",
                flush=True,
            )
    tower.eval()


@torch.inference_mode()
def reidentification(tower: nn.Module, drawings: np.ndarray) -> float:
    """Share (0..1) of faces whose first view is nearest to their own second view, by mean image tokens.

    Args:
        tower: a trained vision tower.
        drawings: uint8 [faces, 2, h, w, 3] of faces that it was not trained on.
    """

    def embed(view: int) -> Tensor:
        return F.normalize(tokens_of(tower, to_pixels(drawings[:, view])).mean(1), dim=-1)

    nearest = (embed(0) @ embed(1).T).argmax(1)
    return (nearest == torch.arange(len(drawings))).float().mean().item()
