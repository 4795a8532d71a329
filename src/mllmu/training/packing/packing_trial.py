"""Tries whether a model learns from packed samples what it learns from each alone, whatever its family."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from accelerate.utils import send_to_device
from torch import Tensor

from mllmu.models import Encoded, LoadedModel, Prompt
from mllmu.models.packing.attention_masks import AttentionMasks
from mllmu.models.packing.position_ids import PositionIds
from mllmu.models.packing.trial_prompts import mean_error, nearest_way, trial_picture, trial_prompts
from mllmu.training.data.answer_collator import AnswerBatch, AnswerCollator
from mllmu.training.packing.picture_groups import LEAST_RATIO, largest_ratio, picture_groups
from mllmu.training.packing.row_packer import RowPacker
from mllmu.training.precision import autocast, uses_bfloat16
from mllmu.training.settings import Precision
from mllmu.training.trainers.answer_logits import answer_logits

_LOG = logging.getLogger(__name__)
# Rows of one forward pass of samples as they are.
_ROWS = 3


def row_packer(
    loaded: LoadedModel, learner: Any, items: Iterable[Encoded], precision: Precision
) -> RowPacker | None:
    """What packs samples that show one picture; None where that cannot pay, or would change what is learned.

    Some families replace given position ids or attention masks by their own, or raise errors for them. The
    trial compares the log-probabilities of a few answers with those of rows as they are, for images whose
    tokens see one another and for images whose tokens do not, and takes what comes nearer.

    Args:
        loaded: the model. Wrappers may do to a row as a whole what one of its questions calls for, so that
            nothing is packed beside them.
        learner: the same as it is trained, adapters included; it is left in evaluation mode.
        items: all that is learned.
        precision: of the training.
    """
    shown = [item for item in items if item.vision]
    if not shown or loaded.wrappers or loaded.encoder.has_cross_attention:
        return None  # what a token sees of images by cross-attention is no part of a row's prefix
    feature_id = loaded.encoder.picture(trial_picture(0)).feature_id
    if largest_ratio(shown, picture_groups(shown, feature_id)) < LEAST_RATIO:
        return None
    positions, pad_id = PositionIds(loaded.model), loaded.encoder.pad_id
    packers = [
        RowPacker(AttentionMasks.of(loaded.model, bidirectional), positions, feature_id, pad_id)
        for bidirectional in (False, True)
    ]
    prompts = trial_prompts(loaded)
    trial = [loaded.encoder.encode(prompt, answer) for prompt, answer in prompts]
    with autocast(precision, loaded.device):
        errors = _errors(learner, packers, trial, [prompt for prompt, _ in prompts])
    computed_in = torch.bfloat16 if uses_bfloat16(precision, loaded.device) else torch.float32
    if (best := nearest_way(errors, computed_in)) is not None:
        return packers[best]
    _LOG.warning(
        "%s gives other answers to questions packed behind one picture; each is learned behind its own.",
        loaded.source,
    )
    return None


@torch.no_grad()
def _errors(
    learner: Any, packers: Sequence[RowPacker], items: Sequence[Encoded], prompts: Sequence[Prompt]
) -> dict[int, float]:
    """By packer how far log-probabilities lie from those of rows as they are (see `mean_error`).

    One that fails has none.
    """
    learner.eval()
    device = next(learner.parameters()).device

    def log_probs(batch: AnswerBatch) -> Tensor:
        moved = send_to_device(batch, device)
        answers = answer_logits(learner, moved["inputs"], moved.get("packed"))
        return answers.token_log_probs()[answers.mask]

    plain = AnswerCollator(packers[0].pad_id)
    parts = [items[start : start + _ROWS] for start in range(0, len(items), _ROWS)]
    expected = torch.cat([log_probs(plain(part)) for part in parts])
    lengths = [int(item.answer_mask.sum()) for item in items]
    errors: dict[int, float] = {}
    for index, packer in enumerate(packers):
        try:
            rows = packer.pack(items, picture_groups(items, packer.feature_id))
            gaps = log_probs({**plain(items), "packed": rows}) - expected
        except (RuntimeError, ValueError, TypeError, IndexError, AttributeError, KeyError):
            continue
        errors[index] = mean_error(gaps.split(lengths), prompts)
    return errors
