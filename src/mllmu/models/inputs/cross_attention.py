"""Families whose text looks at images through layers of their own (Mllama) and has no tokens for features.

In such a layer a token that comes before all images, and every token of a row without images, would look at
whatever else the batch is filled up with. So rows are computed together only with rows of as many images.

Legend of shapes: b rows, t tokens, n images, k tiles of an image.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

CROSS_MASK = "cross_attention_mask"
_TILES, _KINDS = "aspect_ratio_mask", "aspect_ratio_ids"


def cross_mask(ids: Sequence[int], image_id: int, vision: Mapping[str, Tensor]) -> Tensor:
    """Which tiles of which images every token looks at, int64 [t, n, k], as the processor has it.

    Args:
        ids: the tokens, answer included.
        image_id: the token that stands for an image.
        vision: the preprocessed images.
    """
    from transformers.models.mllama.processing_mllama import (
        convert_sparse_cross_attention_mask_to_dense,
        get_cross_attention_token_mask,
    )

    tiles = vision[_TILES].flatten(0, 1)
    dense = convert_sparse_cross_attention_mask_to_dense(
        [get_cross_attention_token_mask(list(ids), image_id)],
        [tiles.sum(dim=1).tolist()],
        tiles.shape[1],
        len(ids),
    )
    return torch.from_numpy(dense)[0]


def grown(mask: Tensor, count: int) -> Tensor:
    """A mask [t, n, k] for `count` more tokens, which look at what the last one does."""
    return torch.cat([mask, mask[-1:].expand(count, -1, -1)])


def batched(
    visions: Sequence[Mapping[str, Tensor]],
    masks: Sequence[Tensor | None],
    spans: Sequence[slice],
    length: int,
) -> dict[str, Tensor]:
    """The images of a batch, filled up to as many per row, with the mask [b, length, n, k] of who sees them.

    Args:
        visions: per row its preprocessed images [n, 1, ...]; empty without images.
        masks: per row, as `cross_mask` makes it; None without images.
        spans: where each row's tokens stand.
        length: of the rows, padding included.
    """
    shown = [mask for mask in masks if mask is not None]
    if not shown:
        return {}
    images, tiles = max(mask.shape[1] for mask in shown), shown[0].shape[2]
    whole = torch.zeros(len(masks), length, images, tiles, dtype=torch.long)
    names = next(vision for vision in visions if vision)
    joined = {name: tensor.new_zeros(len(masks), images, *tensor.shape[2:]) for name, tensor in names.items()}
    for row, (vision, mask, span) in enumerate(zip(visions, masks, spans, strict=True)):
        if mask is not None:
            whole[row, span, : mask.shape[1]] = mask
            for name, tensor in vision.items():
                joined[name][row, : len(tensor)] = tensor[:, 0]
    return {**joined, CROSS_MASK: whole}


def by_images(
    inputs: Mapping[str, Tensor], run: Callable[[dict[str, Tensor]], Tensor], counts: Tensor | None = None
) -> Tensor:
    """What `run` makes of a batch, row after row, each time of rows with as many images.

    Args:
        inputs: of the model, every one with b rows; those of other families are run as they are.
        run: a forward pass.
        counts: [b] how many entries it gives for each row; one if None.
    """
    if CROSS_MASK not in inputs:
        return run(dict(inputs))
    images = (inputs[_KINDS] > 0).sum(dim=1)
    parts, order = [], []
    for number in sorted(set(images.tolist())):
        rows = (images == number).nonzero()[:, 0]
        parts.append(run(_of_rows(inputs, rows, number)))
        order.append(rows if counts is None else rows.repeat_interleave(counts[rows]))
    return torch.cat(parts)[torch.cat(order).argsort(stable=True)]


def _of_rows(inputs: Mapping[str, Tensor], rows: Tensor, images: int) -> dict[str, Tensor]:
    """Some rows of a batch, without images beyond a number."""
    vision = {CROSS_MASK, _TILES, _KINDS, "pixel_values"} & set(inputs)
    chosen = {name: tensor[rows] for name, tensor in inputs.items() if name not in vision}
    if images:
        chosen |= {name: inputs[name][rows][:, :images] for name in vision - {CROSS_MASK}}
        chosen[CROSS_MASK] = inputs[CROSS_MASK][rows][:, :, :images]
    return chosen
