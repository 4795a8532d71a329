"""Whether a model attends along trees of tokens, found by trying it and not by its name."""

from __future__ import annotations

import io
from collections.abc import Sequence

import torch
from PIL import Image

from mllmu.inference.layout import LINES, TREES, Layout
from mllmu.inference.likelihood import score_rows
from mllmu.inference.packing import TokenSequence
from mllmu.inference.sequences import token_sequences
from mllmu.models import LoadedModel, chat_prompt

_MAX_NODES = 1 << 20
_QUESTION = "What is the name of this person, and where were they born?"
_ANSWERS = ("Ada, in London", "Nobody knows", "Ada, in Paris")


def attends_along_trees(loaded: LoadedModel) -> bool:
    """Whether answers get the same log-probabilities in a tree with a shared prompt as in rows of their own.

    Some families make positions or masks themselves (rotary positions of images in two dimensions, attention
    in both directions among image tokens) and then differ, or refuse the mask altogether.
    """
    prompts = [
        chat_prompt(loaded.processor, _QUESTION, images, loaded.system_prompt)
        for images in ((), (_picture(),))
    ]
    asked = [(prompt, answer) for prompt in prompts for answer in _ANSWERS]
    sequences = token_sequences(loaded.encoder, [one for one, _ in asked], [one for _, one in asked])
    alone = _log_probs(loaded, sequences, LINES)
    try:
        together = _log_probs(loaded, sequences, TREES)
    except (RuntimeError, ValueError, TypeError, IndexError):
        return False
    # Rounding alone reaches these bounds in no model seen so far; in half precision only its mean is small.
    exact = next(loaded.model.parameters()).dtype == torch.float32
    return float((alone - together).abs().mean()) < (1e-4 if exact else 0.05)


def _log_probs(loaded: LoadedModel, sequences: Sequence[TokenSequence], layout: Layout) -> torch.Tensor:
    """Log-probabilities of all answer tokens, in the order of the sequences."""
    rows = layout.rows(sequences, _MAX_NODES)
    scores = score_rows(loaded.model, rows, layout, loaded.encoder.pad_id)
    members = [sequence.index for row in rows for sequence, _ in row.members]
    ordered = sorted(zip(members, scores, strict=True), key=lambda pair: pair[0])
    return torch.tensor([value for _, one in ordered for value in one.log_probs])


def _picture() -> bytes:
    """A small picture in which no two places look alike."""
    shades = Image.linear_gradient("L").resize((96, 96))
    picture = Image.merge("RGB", (shades, shades.rotate(90), shades.rotate(180)))
    stored = io.BytesIO()
    picture.save(stored, format="PNG")
    return stored.getvalue()
