"""Prompts and answers by which is tried whether a model gives packed sequences what it gives each alone."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TypeVar

import torch
from PIL import Image
from torch import Tensor

from mllmu.models.prompts.chat import chat_prompt
from mllmu.models.prompts.conversations import Prompt
from mllmu.models.storage.model_loading import LoadedModel

_QUESTIONS = ("What is the name of this person, and where were they born?", "What is their name?")
_ANSWERS = ("Ada, in London", "Nobody knows", "Ada, in Paris")
WayT = TypeVar("WayT")


def trial_prompts(loaded: LoadedModel) -> list[tuple[Prompt, str]]:
    """Several answers to several questions, with two images and with none."""
    return [
        (prompt, answer)
        for images in ((), (trial_picture(0),), (trial_picture(90),))
        for prompt in (_prompt(loaded, question, images) for question in _QUESTIONS)
        for answer in _ANSWERS
    ]


def nearest_way(errors: Mapping[WayT, float], computed_in: torch.dtype) -> WayT | None:
    """The way with the smallest error, the first of equals; None if rounding does not explain any error.

    All ways have to be compared: in bfloat16 a wrong attention can err by less than rounding may.

    Args:
        errors: by way, the mean difference of log-probabilities from those of plain rows, in nats.
        computed_in: the type that they were computed in.
    """
    explained = {way: error for way, error in errors.items() if error < _rounding_bound(computed_in)}
    return min(explained, key=explained.__getitem__, default=None)


def mean_error(differences: Sequence[Tensor], prompts: Sequence[Prompt]) -> float:
    """How far log-probabilities lie apart: the larger of the means with pictures and without, in nats.

    One mean over all would hide behind prompts without a picture what is wrong with those that have one.

    Args:
        differences: of the answer tokens [t] after each prompt.
        prompts: after which they stand.
    """
    pairs = list(zip(differences, prompts, strict=True))
    kinds = [torch.cat([gap for gap, one in pairs if bool(one.images) is shown]) for shown in (False, True)]
    return max(float(gaps.abs().mean()) for gaps in kinds)


def trial_picture(angle: int) -> bytes:
    """A small image, as PNG, in which no two regions look alike."""
    shades = Image.linear_gradient("L").resize((96, 96)).rotate(angle)
    picture = Image.merge("RGB", (shades, shades.rotate(90), shades.rotate(180)))
    stored = io.BytesIO()
    picture.save(stored, format="PNG")
    return stored.getvalue()


def _rounding_bound(computed_in: torch.dtype) -> float:
    """A mean difference of log-probabilities, in nats, that rounding alone reached in no model so far."""
    return 1e-4 if computed_in == torch.float32 else 0.05


def _prompt(loaded: LoadedModel, question: str, images: tuple[bytes, ...]) -> Prompt:
    """A question in the model's chat template; without one if the processor has none."""
    if loaded.processor.chat_template:
        return chat_prompt(loaded.processor, question, images, loaded.system_prompt)
    return Prompt(f"{loaded.encoder.placeholder * len(images)}\n{question}\n", images)
