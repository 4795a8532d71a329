"""A dataset of samples that are encoded as tensors when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import torch
from torch import Tensor
from torch.utils.data import Dataset

from mllmu.benchmark.images import ImageError
from mllmu.benchmark.language.answer_parts import AnswerPart
from mllmu.models import Encoded, LoadedModel, user_turn
from mllmu.models.inputs.picture_features import require_fitting_processor
from mllmu.training.data.rope_check import require_own_positions
from mllmu.training.data.samples import Sample


class EncodedItems(Protocol):
    """What a trainer can learn from.

    A collection that is re-drawn for every epoch also has a method ``set_epoch(epoch)``, called once before
    the items of an epoch are read; their number must not change.
    """

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Encoded: ...


TokenChoice = Callable[[Sequence[AnswerPart]], Sequence[bool]]
"""What each token of an answer does -> which of them a loss reads."""


def encode_sample(loaded: LoadedModel, sample: Sample, choice: TokenChoice | None = None) -> Encoded:
    """One sample as the model is asked it: worded by its wrappers, with system instruction and chat template.

    Args:
        loaded: the model.
        sample: question and answer.
        choice: which tokens of the answer the mask keeps; all if None.

    Raises:
        UserError: the sample cannot be encoded, or the tokenizer does not say which characters its tokens
            cover although a choice is to be made.
    """
    images = () if sample.image is None else (sample.image,)
    prompt = loaded.render(user_turn(sample.question, images))
    item = loaded.encoder.encode(prompt, sample.answer)
    if choice is None:
        return item
    parts = loaded.encoder.answer_parts(prompt.text, sample.question, sample.answer, sample.value)
    mask = item.answer_mask.clone()
    is_read = choice(parts)
    mask[mask.clone()] = torch.tensor(is_read)
    return replace(item, answer_mask=mask, start_is_read=bool(is_read[0]))


def require_own_processor(loaded: LoadedModel, samples: Sequence[Sample]) -> None:
    """Refuse a model whose processor is that of another, by one picture of the samples, if any has one.

    Raises:
        UserError: it is, or the picture does not decode.
    """
    shown = next((sample.image for sample in samples if sample.image is not None), None)
    if shown is not None:
        require_fitting_processor(loaded.model, loaded.encoder.picture(shown))


class SampleDataset(Dataset[Encoded]):
    """Samples encoded once, before training; samples that show one image share its tensors."""

    def __init__(
        self, loaded: LoadedModel, samples: Sequence[Sample], choice: TokenChoice | None = None
    ) -> None:
        """Encode the samples; see ``encode_sample``.

        Raises:
            UserError: one holds a control token, its image does not decode, or it is so long that it would
                change the position embeddings of others (see ``require_own_positions``).
        """
        first: dict[bytes, dict[str, Tensor]] = {}
        self._items: list[Encoded] = []
        for sample in samples:
            try:
                item = encode_sample(loaded, sample, choice)
            except ImageError as error:
                whose = f"The portrait of {sample.profile_id}"
                raise ImageError(whose, error.problem, error.expected) from error
            if sample.image is not None:
                item = replace(item, vision=first.setdefault(sample.image, item.vision))
            self._items.append(item)
        require_own_positions(loaded, samples, self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: int) -> Encoded:
        return self._items[index]
