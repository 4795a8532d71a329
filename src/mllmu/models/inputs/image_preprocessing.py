"""Preprocessing of images for a model, with a cache: each distinct image is decoded and preprocessed once."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import torch
from PIL.Image import Image
from torch import Tensor

from mllmu.benchmark.images import ImageError, check_shape, open_image
from mllmu.errors import UserError
from mllmu.models.inputs.cross_attention import CROSS_MASK

_CACHE_BYTES = 2 * 2**30
# Decoded images in memory at once before preprocessing; a large one takes tens of megabytes.
_DECODED_AT_ONCE = 16


@dataclass(frozen=True)
class Picture:
    """One image after preprocessing.

    Attributes:
        token_ids: the tokens that replace the image's placeholder in a prompt.
        feature_id: the id of those tokens whose embeddings the model replaces by image features; all other
            ids in ``token_ids`` are ordinary tokens (start, end, rows).
        vision: inputs of the vision tower (``pixel_values`` [1, 3, h, w], ...).
    """

    token_ids: tuple[int, ...]
    feature_id: int
    vision: dict[str, Tensor]

    @property
    def features(self) -> int:
        """Number of image features, which is the number of tokens with ``feature_id``."""
        return self.token_ids.count(self.feature_id)

    def size(self) -> int:
        """Bytes of its tensors."""
        return sum(tensor.numel() * tensor.element_size() for tensor in self.vision.values())


class PictureCache:
    """Preprocesses images with one processor; the least recently used leave the cache beyond 2 GiB.

    Args:
        processor: a Hugging Face processor.
        per_token: names of what the processor returns for each token, beside ``input_ids`` and
            ``attention_mask``; these are no inputs of the vision tower.
    """

    def __init__(self, processor: Any, per_token: tuple[str, ...]) -> None:
        self._processor = processor
        self._per_token = per_token
        self._not_vision = {"input_ids", "attention_mask", *per_token}
        self._cache: OrderedDict[bytes, Picture] = OrderedDict()
        self._bytes = 0

    def get(self, data: bytes) -> Picture:
        """The preprocessed form of an encoded image (PNG, JPEG, ...).

        Raises:
            UserError: if it does not decode, the processor refuses its shape, or it marks tokens in a way
                that is not known.
        """
        if data in self._cache:
            self._cache.move_to_end(data)
            return self._cache[data]
        return self._add(data, open_image(data))

    def prepare(self, images: Iterable[bytes]) -> None:
        """Preprocess encoded images in advance, decoding in threads, since decoding is most of the work.

        Raises:
            UserError: if one does not decode, or the processor refuses its shape.
        """
        missing = [data for data in dict.fromkeys(images) if data not in self._cache]
        with ThreadPoolExecutor(torch.get_num_threads()) as threads:
            for start in range(0, len(missing), _DECODED_AT_ONCE):
                chunk = missing[start : start + _DECODED_AT_ONCE]
                for data, image in zip(chunk, threads.map(open_image, chunk), strict=True):
                    self._add(data, image)

    def _add(self, data: bytes, image: Image) -> Picture:
        """Preprocess and cache a decoded image; drop the least recently used ones beyond the limit."""
        picture = self._cache[data] = self._preprocessed(image)
        self._bytes += picture.size() + len(data)
        while self._bytes > _CACHE_BYTES and len(self._cache) > 1:
            encoded, dropped = self._cache.popitem(last=False)
            self._bytes -= dropped.size() + len(encoded)
        return picture

    def _preprocessed(self, image: Image) -> Picture:
        check_shape(image)
        try:
            # What is cached by somebody who only asks serves somebody who trains later.
            with torch.inference_mode(False):
                output = self._processor(
                    text=[self._processor.image_token], images=[image], return_tensors="pt"
                )
        except ValueError as error:
            refused = (
                f"of {image.width} x {image.height} pixels is refused by {type(self._processor).__name__}"
            )
            raise ImageError("The image", f"{refused} ({error})", "an image of the usual shape") from error
        if CROSS_MASK in output:
            # One token stands for the image, and layers of their own look at it.
            image_id = int(self._processor.tokenizer.convert_tokens_to_ids(self._processor.image_token))
            names = self._not_vision | {CROSS_MASK}
            return Picture((image_id,), image_id, {k: v for k, v in output.items() if k not in names})
        ids = every_id = output["input_ids"][0].tolist()
        # Special tokens that the tokenizer puts around every text do not belong to the image.
        special = self._processor.tokenizer("")["input_ids"]
        before = next((n for n, (a, b) in enumerate(zip(ids, special, strict=False)) if a != b), len(special))
        ids = ids[before : len(ids) - (len(special) - before)]
        # The image token of prompts need not be the token of the features: some families use it to mark the
        # start of an image. The features' token is the one that occurs most often.
        feature_id, _ = Counter(ids).most_common(1)[0]
        self._require_known_marks(output, [int(one == feature_id) for one in every_id])
        vision = {key: value for key, value in output.items() if key not in self._not_vision}
        return Picture(tuple(ids), feature_id, vision)

    def _require_known_marks(self, output: Any, is_feature: list[int]) -> None:
        """Refuse marks of tokens that mean something else than "this is an image feature".

        PaliGemma's tell what all tokens before may see from what is learned: filled with ours, answers would
        see their own ends.
        """
        for name in self._per_token:
            if output[name][0].tolist() != is_feature:
                raise UserError(
                    f"{type(self._processor).__name__} gives {name} of its own meaning; expected 1 for "
                    "tokens of image features and 0 for all others."
                )
