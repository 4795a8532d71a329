"""Batches for a loss over answer tokens: padded rows, and the same samples packed where that pays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from torch import Tensor
from typing_extensions import NotRequired

from mllmu.models import Encoded, collate
from mllmu.training.packing.row_packer import PackedRows, RowPacker


class AnswerBatch(TypedDict):
    """Some samples as ``answer_logits`` takes them.

    Attributes:
        inputs: what ``models.collate`` made, padded on the right.
        packed: the same samples in rows that share their pictures; missing where that does not pay.
    """

    inputs: dict[str, Tensor]
    packed: NotRequired[PackedRows]


@dataclass(frozen=True)
class AnswerCollator:
    """Makes a batch of encoded items.

    Attributes:
        pad_id: token to fill rows up with.
        packer: packs samples that show one picture; None to pack none.
    """

    pad_id: int
    packer: RowPacker | None = None

    def __call__(self, items: Sequence[Encoded]) -> AnswerBatch:
        """Pad the items to one length, and pack them where that pays."""
        batch = AnswerBatch(inputs=collate(items, self.pad_id, side="right"))
        packed = None if self.packer is None else self.packer.packed(items)
        return batch if packed is None else {**batch, "packed": packed}
