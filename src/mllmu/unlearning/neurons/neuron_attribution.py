"""How much the neurons of an MLP have to do with an answer: gradients on the way from silence to activity.

Legend of shapes: m steps on the way, p positions (tokens, or patches of images), n neurons.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from mllmu.training.precision import autocast
from mllmu.training.settings import Precision
from mllmu.training.trainers.answer_logits import answer_logits
from mllmu.unlearning.losses import answer_nll

Positions = Callable[[int], Tensor]


@dataclass(frozen=True)
class ActivationPath:
    """What happens to an answer while the neurons of one MLP are turned on at some positions.

    Attributes:
        activations: [p, n] of the neurons as they are.
        gradients: [m, p, n] of the answer's mean log-probability by the neurons, when these are 0/m, 1/m,
            ..., (m-1)/m of what they are.
        score: the answer's mean log-probability with the neurons silent.
    """

    activations: Tensor
    gradients: Tensor
    score: float


def integrated_gradients(path: ActivationPath, earlier: Tensor) -> Tensor:
    """Mean over positions of z (g + the earlier layers' g), g the mean gradient on the way, [n].

    A left Riemann sum of integrated gradients (arXiv 1703.01365), to which the gradients of the neurons that
    were chosen in earlier layers are added (MIP-Editor, arXiv 2511.06793).

    Args:
        path: of one MLP.
        earlier: [p] sum of the mean gradients of the neurons chosen in earlier layers.
    """
    gradients = path.gradients.mean(dim=0) + earlier[:, None]
    return (path.activations * gradients).mean(dim=0)


def integrated_squared_gradients(path: ActivationPath) -> Tensor:
    """Mean of squared gradients over the way and over positions, [n] (MIP-Editor, arXiv 2511.06793)."""
    return path.gradients.square().mean(dim=(0, 1))


def activation_path(
    model: nn.Module,
    output: str,
    batch: Mapping[str, Tensor],
    positions: Positions,
    steps: int,
    precision: Precision = "float32",
) -> ActivationPath:
    """Turn the neurons of an MLP on, step by step, and see what the answer makes of it.

    Args:
        model: in evaluation mode.
        output: name of the layer that reads the neurons.
        batch: one collated sample with its answer.
        positions: how many rows the layer's input has, [all positions, n] when flattened -> bool, true at
            those that are turned on; the others stay as they are.
        steps: m.
        precision: in which the answer is computed.
    """
    scaled = _Scaled(positions)
    handle = model.get_submodule(output).register_forward_pre_hook(scaled)
    gradients, scores = [], []
    try:
        for step in range(steps):
            scaled.factor = step / steps
            with torch.enable_grad(), autocast(precision, batch["input_ids"].device):
                answers = answer_logits(model, batch)
                score = -answer_nll(answers.token_log_probs(), answers.mask)
                gradients.append(torch.autograd.grad(score, scaled.leaf)[0].float())
            scores.append(float(score.detach()))
    finally:
        handle.remove()
    return ActivationPath(scaled.activations, torch.stack(gradients), scores[0])


class _Scaled:
    """A hook that scales what a layer reads at some positions."""

    leaf: Tensor
    activations: Tensor

    def __init__(self, positions: Positions) -> None:
        self.factor = 1.0
        self._positions = positions

    def __call__(self, module: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        values = inputs[0].detach()
        rows = values.flatten(0, -2)
        turned = self._positions(len(rows)).to(rows.device)
        self.activations = rows[turned].float()
        self.leaf = (self.factor * rows[turned]).requires_grad_()
        scaled = rows.masked_scatter(turned[:, None], self.leaf)
        return (scaled.view_as(values), *inputs[1:])
