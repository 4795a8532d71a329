"""Cache of image features: each distinct image goes through the vision tower once.

Legend of shapes: f features of an image, h hidden size.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mllmu.inference.engine_statistics import EngineStatistics
from mllmu.models import Encoder, Picture
from mllmu.models.inputs.picture_features import read_pictures


class ImageFeatures:
    """Numbers the features of all images of the prompts, and computes features when they are first needed.

    Args:
        model: an image-text-to-text model.
        encoder: its encoder, which supplies the pixel tensors of images.
        budget: maximum bytes of cached features; the least recently used are dropped and recomputed later.
        counts: statistics to which the images that went through the vision tower are added.
    """

    def __init__(self, model: Any, encoder: Encoder, budget: int, counts: EngineStatistics) -> None:
        self._model = model
        self._encoder = encoder
        self._budget = budget
        self._counts = counts
        self._table = model.get_input_embeddings()
        self._first: dict[bytes, int] = {}
        self._pictures: list[tuple[bytes, range]] = []
        self._made: OrderedDict[int, Tensor] = OrderedDict()
        self._owner: list[int] = []

    def numbers(self, data: bytes, picture: Picture) -> NDArray[np.int64]:
        """Numbers [f] that identify the features of an image, given its file's bytes and its encoding."""
        if data not in self._first:
            start = len(self._owner)
            self._first[data] = len(self._pictures)
            self._owner += [len(self._pictures)] * picture.features
            self._pictures.append((data, range(start, len(self._owner))))
        numbers = self._pictures[self._first[data]][1]
        return np.arange(numbers.start, numbers.stop)

    def embed(self, symbols: Tensor) -> Tensor:
        """Input embeddings [..., h] of symbols [...]: of tokens, or features of images."""
        embedded: Tensor = self._table(symbols.clamp(min=0))
        numbers = (-1 - symbols[symbols < 0]).cpu()
        if len(numbers):
            shown = sorted({self._owner[number] for number in numbers.tolist()})
            made = torch.cat(self._of(shown))
            starts = torch.tensor([self._pictures[picture][1].start for picture in shown])
            sizes = torch.tensor([len(self._pictures[picture][1]) for picture in shown])
            # Index of the image, among those needed here, to which each feature belongs.
            image = torch.searchsorted(starts, numbers, right=True) - 1
            rows = (sizes.cumsum(0) - sizes - starts)[image] + numbers
            embedded[symbols < 0] = made[rows.to(made.device)].to(embedded)
        return embedded

    def _of(self, pictures: list[int]) -> list[Tensor]:
        """Features [f, h] of each image, cached or computed now."""
        missing = [picture for picture in pictures if picture not in self._made]
        encoded = [self._pictures[one][0] for one in missing]
        self._encoder.prepare(encoded)
        read = read_pictures(self._model, [self._encoder.picture(data) for data in encoded])
        self._counts.pictures += len(missing)
        self._made.update(zip(missing, read, strict=True))
        features = [self._made[picture] for picture in pictures]
        for picture in pictures:
            self._made.move_to_end(picture)
        cached = sum(tensor.nbytes for tensor in self._made.values())
        while cached > self._budget:
            cached -= self._made.popitem(last=False)[1].nbytes
        return features
