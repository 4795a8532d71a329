"""The two ways of laying requests out for a model: trees of tokens, and one request per row.

Legend of shapes: b rows, t nodes of the longest row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from mllmu.inference.packing import Row, TokenSequence, one_per_row, pack


@dataclass(frozen=True)
class Layout:
    """How sequences become rows, and what tells the model which tokens see which.

    Attributes:
        rows: sequences and the longest row -> rows.
        attention: rows and the model's type -> inputs of the model's forward.
    """

    rows: Callable[[Iterable[TokenSequence], int], list[Row]]
    attention: Callable[[Sequence[Row], torch.dtype], dict[str, Tensor]]


def collate_rows(rows: Sequence[Row], pad_id: int) -> dict[str, Tensor]:
    """Rows as a right-padded batch, without anything that says what may attend to what.

    Returns:
        ``input_ids`` [b, t] and the images' tensors of all rows, concatenated along their first dimension.
    """
    length = max(len(row) for row in rows)
    ids = torch.full((len(rows), length), pad_id)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = torch.tensor(row.tokens)
    batch = {"input_ids": ids}
    shown = [row.vision for row in rows if row.vision]
    for key in shown[0] if shown else ():
        batch[key] = torch.cat([vision[key] for vision in shown])
    return batch


def tree_attention(rows: Sequence[Row], dtype: torch.dtype) -> dict[str, Tensor]:
    """What makes a model attend along the trees.

    Returns:
        ``attention_mask`` [b, 1, t, t] to be added to the attention scores: 0 from each node to itself and
        its ancestors, the least number of `dtype` elsewhere; ``position_ids`` [b, t].
    """
    length = max(len(row) for row in rows)
    seen = torch.zeros(len(rows), length, length, dtype=torch.bool)
    positions = torch.zeros(len(rows), length, dtype=torch.long)
    for index, row in enumerate(rows):
        mask = seen[index].numpy()
        for node, parent in enumerate(row.parents):
            if parent >= 0:
                mask[node] = mask[parent]
            mask[node, node] = True
        positions[index, : len(row)] = torch.tensor(row.depths)
    # Padding nodes see nothing; the least number instead of -inf keeps their softmax free of NaN.
    bias = torch.zeros(seen.shape, dtype=dtype).masked_fill_(~seen, torch.finfo(dtype).min)
    return {"attention_mask": bias[:, None], "position_ids": positions}


def causal_attention(rows: Sequence[Row], dtype: torch.dtype) -> dict[str, Tensor]:
    """The ordinary padding mask ``attention_mask`` [b, t], for rows of one sequence each."""
    length = max(len(row) for row in rows)
    mask = torch.zeros(len(rows), length, dtype=torch.long)
    for index, row in enumerate(rows):
        mask[index, : len(row)] = 1
    return {"attention_mask": mask}


TREES = Layout(pack, tree_attention)
LINES = Layout(one_per_row, causal_attention)
