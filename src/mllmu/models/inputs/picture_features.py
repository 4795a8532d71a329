"""What the language model is given of pictures: features from the vision tower, through the projector.

Legend of shapes: f features of a picture, h hidden size of the language model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from mllmu.errors import UserError
from mllmu.models.inputs.encoding import joined_vision
from mllmu.models.inputs.image_preprocessing import Picture

AT_ONCE = 32
"""Pictures per forward pass of the vision tower."""


def read_pictures(model: Any, pictures: Sequence[Picture]) -> list[Tensor]:
    """Features [f, h] of each picture; those of equal shapes go through the vision tower together.

    Args:
        model: an image-text-to-text model whose pictures are tokens among those of the text.
        pictures: preprocessed pictures.

    Raises:
        UserError: if the model gives no features of pictures, or a picture has another number of them than
            places in a prompt.
    """
    if not gives_features(model):
        raise UserError(
            f"{type(model).__name__} gives no features of pictures; expected a model whose pictures are "
            "tokens among those of the text."
        )
    features: dict[int, Tensor] = {}
    for batch in _alike(pictures):
        features.update(zip(batch, _read(model, [pictures[index] for index in batch]), strict=True))
    return [features[index] for index in range(len(pictures))]


@torch.no_grad()  # what a tower keeps of inference mode could not be trained with afterwards
def require_fitting_processor(model: Any, picture: Picture) -> None:
    """Refuse a processor that gives a picture another number of places than the model makes features of it.

    Models that are read in another way are let pass.

    Args:
        model: an image-text-to-text model in evaluation mode.
        picture: any, preprocessed by the processor.

    Raises:
        UserError: the processor is that of another model.
    """
    if not gives_features(model):
        return
    try:
        read_pictures(model, [picture])
    except (RuntimeError, ValueError, TypeError, IndexError, AttributeError, KeyError):
        return


def gives_features(model: Any) -> bool:
    """Whether a model says what it makes of pictures, which `read_pictures` needs."""
    return hasattr(model, "get_image_features")


def _alike(pictures: Sequence[Picture]) -> list[list[int]]:
    """Positions of pictures whose tensors have equal shapes, in batches."""
    groups: dict[object, list[int]] = {}
    for index, picture in enumerate(pictures):
        shapes = tuple((name, tensor.shape[1:]) for name, tensor in picture.vision.items())
        groups.setdefault(shapes, []).append(index)
    return [
        group[start : start + AT_ONCE] for group in groups.values() for start in range(0, len(group), AT_ONCE)
    ]


def _read(model: Any, batch: Sequence[Picture]) -> list[Tensor]:
    """Features [f, h] of each picture of a batch, from one forward pass of the vision tower."""
    vision = joined_vision([picture.vision for picture in batch])
    device = model.get_input_embeddings().weight.device
    read = model.get_image_features(**{name: tensor.to(device) for name, tensor in vision.items()})
    made = getattr(read, "pooler_output", read)
    parts = [made] if isinstance(made, Tensor) else list(made)
    together = torch.cat([part.flatten(0, -2) for part in parts])
    sizes = [picture.features for picture in batch]
    if len(together) != sum(sizes):
        raise UserError(
            f"The vision tower makes {len(together)} features of pictures for which prompts have "
            f"{sum(sizes)} places; expected a processor that belongs to the model."
        )
    return list(together.split(sizes))
