"""Pictures as a model gets them: each distinct one is decoded and preprocessed once."""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from torch import Tensor

from mllmu.benchmark.images import open_image

_CACHE_BYTES = 512 * 2**20


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
        key = sha256(data).digest()
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        picture = self._kept[key] = self._made(data)
        self._bytes += picture.size()
        while self._bytes > _CACHE_BYTES and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= dropped.size()
        return picture

    def _made(self, data: bytes) -> Picture:
        made = self._processor(
            text=[self._processor.image_token], images=[open_image(data)], return_tensors="pt"
        )
        ids = made["input_ids"][0].tolist()
        bare = self._processor.tokenizer("")["input_ids"]
        before = next((n for n, (a, b) in enumerate(zip(ids, bare, strict=False)) if a != b), len(bare))
        ids = ids[before : len(ids) - (len(bare) - before)]
        # Some families mark where a picture begins with the very token that prompts name pictures with, so
        # the token that holds features is told by its number.
        feature_id, _ = Counter(ids).most_common(1)[0]
        vision = {key: value for key, value in made.items() if key not in self._left_out}
        return Picture(tuple(ids), feature_id, vision)
