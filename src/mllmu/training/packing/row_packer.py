"""Packs the samples of a batch into rows: a picture once, and behind it all that is asked about it.

Legend of shapes: r rows, t tokens of a row, n answer tokens of all samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
import torch
from torch import Tensor

from mllmu.models import Encoded, joined_vision
from mllmu.models.packing.attention_masks import AttentionMasks
from mllmu.models.packing.position_ids import PositionIds
from mllmu.models.packing.prefix_tree import Branch, build_prefix_tree
from mllmu.models.packing.row_packing import pack_rows
from mllmu.models.packing.symbol_sequences import SymbolSequence
from mllmu.models.packing.tree_rows import TreeRow
from mllmu.training.packing.picture_groups import LEAST_RATIO, PictureGroup, picture_groups, token_ratio


class PackedRows(TypedDict):
    """The samples of a batch in rows; a dictionary, so that a trainer moves it to its device.

    Attributes:
        inputs: of the model, but for its attention mask: ``input_ids`` [r, t], ``position_ids``, the family's
            further inputs per token, and the vision inputs of every picture once.
        visible: bool [r, t, t] true where a token attends to another; by layer type if there are several.
        predicting: [n] which tokens predict the answer tokens, sample by sample; indices of [r * t].
        answering: [n] which tokens the answer tokens themselves are.
    """

    inputs: dict[str, Tensor]
    visible: Tensor | dict[str, Tensor]
    predicting: Tensor
    answering: Tensor


@dataclass(frozen=True)
class RowPacker:
    """Packs samples for one model.

    Attributes:
        masks: makes its attention masks.
        positions: makes its position ids.
        feature_id: the token that stands for a feature of a picture.
        pad_id: token to fill rows up with.
    """

    masks: AttentionMasks
    positions: PositionIds
    feature_id: int
    pad_id: int

    def packed(self, items: Sequence[Encoded]) -> PackedRows | None:
        """The samples in rows; None where that saves too few tokens (see ``LEAST_RATIO``)."""
        groups = picture_groups(items, self.feature_id)
        return self.pack(items, groups) if token_ratio(items, groups) >= LEAST_RATIO else None

    def pack(self, items: Sequence[Encoded], groups: Sequence[PictureGroup]) -> PackedRows:
        """The samples in rows, as wide as the largest group needs; smaller groups share a row.

        Args:
            items: the samples.
            groups: all of them in groups; what the samples of a group begin with alike stands once.
        """
        trees: list[Branch[int]] = []
        features = 0
        for group in groups:
            trees += build_prefix_tree([self._sequence(i, items[i], features) for i in group.members])
            features += group.prefix
        rows = pack_rows(trees, max(tree.size for tree in trees))
        vision = joined_vision(_visions(items, groups, rows))
        return self._tensors(items, rows, vision)

    def _sequence(self, index: int, item: Encoded, features: int) -> SymbolSequence[int]:
        """A sample's symbols, those of its picture numbered on from some features."""
        ids = item.input_ids.numpy()
        shown = ids == self.feature_id if item.vision else np.zeros(len(ids), bool)
        symbols = ids.copy()
        symbols[shown] = -1 - features - np.arange(shown.sum())
        visions = [item.vision] if item.vision else []
        position_ids = self.positions.of(ids.tolist(), self.feature_id if visions else None, visions)
        return SymbolSequence(index, symbols, position_ids, 0)

    def _tensors(
        self, items: Sequence[Encoded], rows: Sequence[TreeRow[int]], vision: dict[str, Tensor]
    ) -> PackedRows:
        count, width = len(rows), max(map(len, rows))
        inputs = {name: torch.zeros(count, width, dtype=torch.long) for name in items[0].per_token}
        inputs["input_ids"] = torch.full((count, width), self.pad_id)
        positions = np.zeros((len(rows[0].positions), count, width), np.int64)
        depths = np.zeros((count, width), np.int64)
        visible = np.zeros((count, width, width), bool)
        # Of every sample where its tokens stand in the flattened rows.
        nodes: dict[int, Tensor] = {}
        for number, row in enumerate(rows):
            size = len(row)
            positions[:, number, :size], depths[number, :size] = row.positions, row.depths
            visible[number, :size, :size] = self.masks.within_row(row.symbols, row.causal())
            for sequence, path in row.members:
                item, at = items[sequence.entry], torch.from_numpy(path)
                nodes[sequence.entry] = number * width + at
                for name, values in {"input_ids": item.input_ids, **item.per_token}.items():
                    inputs[name][number, at] = values
        seen, before = torch.from_numpy(visible), torch.from_numpy(depths)
        # Models with a single position per token expect no axis for it.
        position_ids = torch.from_numpy(positions[0] if len(positions) == 1 else positions)
        answers = [(item.answer_mask[1:].nonzero()[:, 0] + 1, nodes[i]) for i, item in enumerate(items)]
        return PackedRows(
            inputs={**inputs, "position_ids": position_ids, **vision},
            visible=self.masks.by_layer_type(seen, before, before),
            predicting=torch.cat([at[tokens - 1] for tokens, at in answers]),
            answering=torch.cat([at[tokens] for tokens, at in answers]),
        )


def _visions(
    items: Sequence[Encoded], groups: Sequence[PictureGroup], rows: Sequence[TreeRow[int]]
) -> list[dict[str, Tensor]]:
    """The vision inputs of every group's picture, in the order in which the rows show them."""
    group_of = {index: number for number, group in enumerate(groups) for index in group.members}
    order = dict.fromkeys(group_of[sequence.entry] for row in rows for sequence, _ in row.members)
    visions = (items[groups[number].members[0]].vision for number in order)
    return [vision for vision in visions if vision]
