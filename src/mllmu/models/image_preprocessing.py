"""Pictures as a model gets them: each distinct one is decoded and preprocessed once."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import torch
from PIL.Image import Image
from torch import Tensor

from mllmu.benchmark.images import open_image

_CACHE_BYTES = 2 * 2**30
# Decoded images that wait for preprocessing at once; a large one is tens of megabytes.
_WAITING = 16


@dataclass(frozen=True)
class Picture:
    """One image after preprocessing.

    Attributes:
        token_ids: the tokens that stand for it in a prompt.
        feature_id: which of them hold the place of its features; the others are ordinary tokens.
        vision: what the vision tower takes (``pixel_values`` [1, 3, h, w], ...).
    """

    token_ids: tuple[int, ...]
    feature_id: int
    vision: dict[str, Tensor]

    @property
    def features(self) -> int:
        """How many of its tokens hold features."""
        return self.token_ids.count(self.feature_id)

    def size(self) -> int:
        """Bytes of its tensors."""
        return sum(tensor.numel() * tensor.element_size() for tensor in self.vision.values())


class PictureStore:
    """Preprocesses pictures with one processor and keeps the latest ones.

    Args:
        processor: a Hugging Face processor.
        per_token: what it returns per token and not per image, beside ``input_ids``.
    """

    def __init__(self, processor: Any, per_token: tuple[str, ...]) -> None:
        self._processor = processor
        self._left_out = {"input_ids", "attention_mask", *per_token}
        self._kept: OrderedDict[bytes, Picture] = OrderedDict()
        self._bytes = 0

    def get(self, data: bytes) -> Picture:
        """The picture of an encoded image.

        Raises:
            UserError: if it does not decode.
        """
        if data in self._kept:
            self._kept.move_to_end(data)
            return self._kept[data]
        return self._keep(data, open_image(data))

    def prepare(self, images: Iterable[bytes]) -> None:
        """Make pictures of encoded images in advance, decoding them in threads, which is most of the work.

        Raises:
            UserError: if one does not decode.
        """
        waiting = [data for data in dict.fromkeys(images) if data not in self._kept]
        with ThreadPoolExecutor(torch.get_num_threads()) as threads:
            for start in range(0, len(waiting), _WAITING):
                some = waiting[start : start + _WAITING]
                for data, image in zip(some, threads.map(open_image, some), strict=True):
                    self._keep(data, image)

    def _keep(self, data: bytes, image: Image) -> Picture:
        """Preprocess a decoded image and keep it, in the place of those not used for longest."""
        picture = self._kept[data] = self._made(image)
        self._bytes += picture.size() + len(data)
        while self._bytes > _CACHE_BYTES and len(self._kept) > 1:
            encoded, dropped = self._kept.popitem(last=False)
            self._bytes -= dropped.size() + len(encoded)
        return picture

    def _made(self, image: Image) -> Picture:
        made = self._processor(text=[self._processor.image_token], images=[image], return_tensors="pt")
        ids = made["input_ids"][0].tolist()
        bare = self._processor.tokenizer("")["input_ids"]
        before = next((n for n, (a, b) in enumerate(zip(ids, bare, strict=False)) if a != b), len(bare))
        ids = ids[before : len(ids) - (len(bare) - before)]
        # Some families mark where a picture begins with the very token that prompts name pictures with, so
        # the token that holds features is told by its number.
        feature_id, _ = Counter(ids).most_common(1)[0]
        vision = {key: value for key, value in made.items() if key not in self._left_out}
        return Picture(tuple(ids), feature_id, vision)
