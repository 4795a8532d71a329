"""Hidden states of one decoder layer where a model is about to answer, as moments over tokens.

Legend of shapes: b rows, t tokens, d hidden width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from mllmu.models import LoadedModel, collate
from mllmu.progress import Progress, counted
from mllmu.training import Sample, SampleDataset
from mllmu.unlearning.neurons.activations import batches_alike


@dataclass(frozen=True)
class StateMoments:
    """First and second moments of hidden states h over tokens, float64 on the CPU.

    Attributes:
        mean: [d] of h.
        second: [d, d] of h h^T.
    """

    mean: Tensor
    second: Tensor


@torch.no_grad()
def answering_states(
    loaded: LoadedModel,
    samples: Sequence[Sample],
    layer: str,
    batch_size: int = 8,
    progress: Progress | None = None,
) -> StateMoments:
    """Moments over the tokens from which the answers' tokens are predicted, the end token's included.

    Args:
        loaded: the model; it is left in evaluation mode.
        samples: what it reads, answers included; at least one.
        layer: full name of the decoder layer.
        batch_size: samples in one forward pass; changes nothing but speed and memory.
        progress: called with the samples read and the samples there are.
    """
    loaded.model.eval()
    items = SampleDataset(loaded, samples)
    seen: list[Tensor] = []

    def keep(module: nn.Module, inputs: Any, output: Any) -> None:
        seen.append(output[0] if isinstance(output, tuple) else output)

    width, tokens = loaded.model.config.get_text_config().hidden_size, 0
    total, outer = torch.zeros(width).double(), torch.zeros(width, width).double()
    handle = loaded.model.get_submodule(layer).register_forward_hook(keep)
    batches = batches_alike([items[index] for index in range(len(items))], batch_size)
    try:
        for rows in counted(batches, len(items), progress):
            batch = {
                key: value.to(loaded.device) for key, value in collate(rows, loaded.encoder.pad_id).items()
            }
            # A token is predicted one position before it.
            predicting = batch.pop("answer_mask").roll(-1, dims=1)
            loaded.model(**batch, use_cache=False)
            states = seen.pop()[predicting].double().cpu()
            total, outer, tokens = total + states.sum(0), outer + states.T @ states, tokens + len(states)
    finally:
        handle.remove()
    return StateMoments(total / tokens, outer / tokens)
