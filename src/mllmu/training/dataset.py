"""A dataset of samples that are encoded as tensors when they are first asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from torch import Tensor
from torch.utils.data import Dataset

from mllmu.models import Encoded, LoadedModel, chat_prompt, collate
from mllmu.training.rope_check import require_own_positions
from mllmu.training.samples import Sample


class EncodedItems(Protocol):
    """What a trainer can learn from.

    A collection that is re-drawn for every epoch also has a method ``set_epoch(epoch)``, called once before
    the items of an epoch are read; their number must not change.
    """

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Encoded: ...


def encode_sample(loaded: LoadedModel, sample: Sample) -> Encoded:
    """One sample under the model's chat template and system instruction."""
    images = () if sample.image is None else (sample.image,)
    prompt = chat_prompt(loaded.processor, sample.question, images, loaded.system_prompt)
    return loaded.encoder.encode(prompt, sample.answer)


class SampleDataset(Dataset[Encoded]):
    """Samples encoded once, before training; samples that show one image share its tensors."""

    def __init__(self, loaded: LoadedModel, samples: Sequence[Sample]) -> None:
        """Encode the samples.

        Raises:
            UserError: one holds a control token, its image does not decode, or it is so long that it would
                change the position embeddings of others (see ``require_own_positions``).
        """
        first: dict[bytes, dict[str, Tensor]] = {}
        self._items: list[Encoded] = []
        for sample in samples:
            item = encode_sample(loaded, sample)
            if sample.image is not None:
                item = replace(item, vision=first.setdefault(sample.image, item.vision))
            self._items.append(item)
        require_own_positions(loaded, samples, self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: int) -> Encoded:
        return self._items[index]


class AnswerCollator:
    """Makes a right-padded batch of encoded items."""

    def __init__(self, pad_id: int) -> None:
        self.pad_id = pad_id

    def __call__(self, items: Sequence[Encoded]) -> dict[str, Tensor]:
        """See ``models.collate``."""
        return collate(items, self.pad_id, side="right")
