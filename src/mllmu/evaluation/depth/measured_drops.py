"""Measuring how much less likely values become when a model's hidden states are patched into vanilla."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from torch import Tensor

from mllmu.benchmark.language.answer_parts import AnswerPart
from mllmu.errors import UserError
from mllmu.evaluation.depth.depth_score import Floats
from mllmu.evaluation.depth.patching import (
    PatchedAt,
    layer_states,
    patched_log_probs,
    patched_positions,
    value_log_probs,
)
from mllmu.evaluation.depth.taught_sample import states_value
from mllmu.models import Encoded, LoadedModel, collate, module_map
from mllmu.training import Sample, SampleDataset
from mllmu.unlearning.neurons.activations import batches_alike


def measured_drops(
    vanilla: LoadedModel,
    source: LoadedModel,
    samples: Sequence[Sample],
    at: PatchedAt,
    batch_size: int = 8,
    advance: Callable[[int], None] = lambda samples: None,
) -> Floats:
    """The drops D of samples: log-probability of the value in vanilla, minus the same when it is patched.

    Both models read the same tokens and pictures, the true answer included (arXiv 2605.24614).
    Log-probabilities are means over the tokens of the value.

    Args:
        vanilla: the model that is patched; left in evaluation mode.
        source: whose hidden states it is given; likewise.
        samples: question and answer each; those `can_be_patched` alone.
        at: at which positions.
        batch_size: samples in one forward pass; changes nothing but speed and memory.
        advance: told how many more samples are done, after every batch.

    Returns:
        [samples, decoder layers] in nats per token; 0 in layers that take no part, as those that look at
        pictures do where there is none.

    Raises:
        UserError: the models have not the same decoder layers, a sample cannot be patched, or what a model
            puts out is not finite.
    """
    _require_one_architecture(vanilla, source)
    vanilla.model.eval()
    source.model.eval()
    layers = module_map(vanilla.model).layers
    drops = np.zeros((len(samples), len(layers)))
    items = SampleDataset(vanilla, samples, lambda parts: [part is AnswerPart.VALUE for part in parts])
    rows = {id(items[index]): index for index in range(len(items))}
    for together in batches_alike([items[index] for index in range(len(items))], batch_size):
        chosen = [rows[id(item)] for item in together]
        batch = _batch(vanilla, together)
        positions = patched_positions(at, batch, _feature_id(vanilla, [samples[row] for row in chosen]))
        if not positions.any(dim=1).all():
            raise UserError(f"a question has no tokens of its {at.value} to patch; expected at least one")
        before, states = value_log_probs(vanilla.model, batch), layer_states(source.model, batch, positions)
        for number, layer in enumerate(layers):
            if layer in states:
                after = patched_log_probs(vanilla.model, batch, layer, positions, states[layer])
                drops[chosen, number] = (before - after).cpu().numpy()
        # Else it would pass for a question in which nothing is left to erase.
        if not np.isfinite(drops[chosen]).all():
            raise UserError(
                f"patched with the hidden states of '{source.source}', '{vanilla.source}' gives values "
                "log-probabilities that are not finite; expected two models whose outputs are finite, which "
                "they are not after a training that diverged"
            )
        advance(len(together))
    return drops


def can_be_patched(loaded: LoadedModel, sample: Sample, at: PatchedAt) -> bool:
    """Whether an answer states a known value and, where pictures are patched, a picture has tokens.

    It has none in families whose text looks at pictures through layers of their own (Mllama).
    """
    has_positions = at is PatchedAt.VALUE or (
        sample.image is not None and not loaded.encoder.has_cross_attention
    )
    return has_positions and states_value(sample)


def _batch(loaded: LoadedModel, items: Sequence[Encoded]) -> Mapping[str, Tensor]:
    batch = collate(items, loaded.encoder.pad_id, side="right")
    return {name: tensor.to(loaded.device) for name, tensor in batch.items()}


def _feature_id(loaded: LoadedModel, samples: Sequence[Sample]) -> int | None:
    """The token that stands for a feature of a picture; None where there is no such token."""
    images = [sample.image for sample in samples if sample.image is not None]
    if not images or loaded.encoder.has_cross_attention:
        return None
    return loaded.encoder.picture(images[0]).feature_id


def _require_one_architecture(vanilla: LoadedModel, source: LoadedModel) -> None:
    shapes = [
        (len(module_map(one.model).layers), one.model.config.get_text_config().hidden_size)
        for one in (vanilla, source)
    ]
    if shapes[0] != shapes[1]:
        (layers, width), (others, other) = shapes
        raise UserError(
            f"'{source.source}' has {others} decoder layers of width {other}, '{vanilla.source}' {layers} of "
            f"width {width}; expected two models of one architecture, to patch one into the other."
        )
