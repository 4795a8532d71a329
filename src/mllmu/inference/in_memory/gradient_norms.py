"""How strongly an answer pulls at a model's weights."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from mllmu.inference.in_memory.entry import Entry
from mllmu.inference.in_memory.plain_batches import with_tokens
from mllmu.models import LoadedModel, collate, module_map
from mllmu.models.inputs.rope_lengths import forget_longest_row, shared_rope_limit


def gradient_norm(loaded: LoadedModel, entry: Entry) -> float:
    """Euclidean norm of the gradient of an answer's mean negative log-likelihood (arXiv 2402.17012).

    The gradient is that of all weights that fine-tuning trains by default: language model, embeddings and
    output layer included, and projector; not the vision tower. The model is in evaluation mode, so that
    nothing is dropped at random, and alone with the question. What its wrappers do is part of the function
    that is differentiated, their own weights are not. Afterwards the model is as before, with no gradients.

    Args:
        loaded: the model.
        entry: the prompt, and the tokens of the answer, end token included.

    Raises:
        UserError: if the model has no such parts.
    """
    model: Any = loaded.model
    row = with_tokens(loaded.encoder.encode(entry.prompt), entry.after)
    inputs = collate([row], loaded.encoder.pad_id, "right")
    del inputs["answer_mask"]
    inputs = {name: tensor.to(loaded.device) for name, tensor in inputs.items()}
    with _own_frequencies(loaded, len(row)), _taught_weights(model) as weights, torch.enable_grad():
        logits = model(**inputs, use_cache=False).logits
        # Each token is predicted by the output one position before it.
        predictions = logits[0, -len(entry.after) - 1 : -1].float()
        targets = torch.tensor(entry.after, device=predictions.device)
        loss = nn.functional.cross_entropy(predictions, targets)
        # Not `backward`, which would leave gradients behind. A question by name does not reach the projector.
        gradients = torch.autograd.grad(loss, weights, allow_unused=True)
    squares = (float(one.float().square().sum()) for one in gradients if one is not None)
    return math.sqrt(sum(squares))


@contextmanager
def _taught_weights(model: Any) -> Iterator[list[nn.Parameter]]:
    """The weights that fine-tuning trains; while it lasts they alone require gradients."""
    parts = module_map(model)
    before = {weight: weight.requires_grad for weight in model.parameters()}
    model.eval()
    try:
        model.requires_grad_(True)
        model.get_submodule(parts.vision_tower).requires_grad_(False)
        # After the vision tower: in some families the projector is a part of it.
        model.get_submodule(parts.projector).requires_grad_(True)
        yield [weight for weight in before if weight.requires_grad]
    finally:
        for weight, requires_grad in before.items():
            weight.requires_grad_(requires_grad)


@contextmanager
def _own_frequencies(loaded: LoadedModel, length: int) -> Iterator[None]:
    """While it lasts, position embeddings are those of a row of this length, whatever was read before."""
    limit = shared_rope_limit(loaded.model)
    if limit is None or length < limit:
        yield
        return
    forget_longest_row(loaded.model, loaded.encoder.pad_id)
    try:
        yield
    finally:
        forget_longest_row(loaded.model, loaded.encoder.pad_id)
