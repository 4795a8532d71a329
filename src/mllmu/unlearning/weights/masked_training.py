"""Training in which some weights take no part: in one loss's gradient, or at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments


def with_masked_gradient(
    loss: Tensor, parameters: Mapping[str, nn.Parameter], masks: Mapping[str, Tensor]
) -> Tensor:
    """The same loss with a gradient that is zero at unselected weights; other losses can be added to it.

    Args:
        loss: a scalar; its graph is used up.
        parameters: what the loss has gradients for, by name.
        masks: per name, true at the selected weights; parameters without a mask get no gradient.
    """
    masked = [(parameters[name], mask) for name, mask in masks.items() if mask.any()]
    gradients = torch.autograd.grad(loss, [parameter for parameter, _ in masked], allow_unused=True)
    surrogate = loss.detach()
    for (parameter, mask), gradient in zip(masked, gradients, strict=True):
        if gradient is not None:
            # Linear in the parameter, so that its gradient is the masked one; its own value is taken away.
            term = (gradient.detach().masked_fill(~mask, 0) * parameter).sum()
            surrogate = surrogate + term - term.detach()
    return surrogate


class MaskedUpdates(TrainerCallback):
    """Keeps unselected weights as they are, to the last bit, whatever the optimizer and its decay do.

    Gradients are masked as they arise, before the trainer clips them, so that unselected weights do not
    make the steps of the others smaller.
    """

    def __init__(self, model: nn.Module, masks: Mapping[str, Tensor]) -> None:
        """Freeze parameters without a selected weight, and watch over the unselected weights of the others.

        Args:
            model: what is to be trained.
            masks: per parameter, true at the weights that are to learn; parameters without a mask do not.
        """
        self._partly: list[tuple[nn.Parameter, Tensor, Tensor]] = []
        for name, parameter in model.named_parameters():
            mask = masks.get(name)
            if mask is None or not mask.any():
                parameter.requires_grad_(False)
            elif parameter.requires_grad and not mask.all():
                self._partly.append((parameter, ~mask, parameter.detach()[~mask]))
        self._hooks: list[Any] = []

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Begin to mask gradients."""
        for parameter, stays, _ in self._partly:
            hook = parameter.register_hook(lambda gradient, stays=stays: gradient.masked_fill(stays, 0))
            self._hooks.append(hook)

    def on_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Put back what momentum or weight decay moved."""
        with torch.no_grad():
            for parameter, stays, before in self._partly:
                parameter[stays] = before

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Mask no longer."""
        for hook in self._hooks:
            hook.remove()
