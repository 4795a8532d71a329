"""From prompts and answers to tensors, for every family whose processor follows the Hugging Face interface.

Legend of shapes: b rows, t tokens.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import torch
from torch import Tensor

from mllmu.benchmark.images import open_image
from mllmu.errors import UserError
from mllmu.models.chat import Prompt

_CACHE_BYTES = 512 * 2**20
# What a processor returns per token rather than per image; it belongs to the text and is made anew.
_PER_TOKEN = {"input_ids", "attention_mask", "token_type_ids", "mm_token_type_ids"}


@dataclass(frozen=True)
class Encoded:
    """One prompt with or without an answer.

    Attributes:
        input_ids: [t] token ids, image placeholders expanded to one token per image feature.
        answer_mask: [t] true where a token belongs to the answer or is its end token.
        vision: the processor's tensors (``pixel_values`` [images, 3, h, w], ...); empty for text.
    """

    input_ids: Tensor
    answer_mask: Tensor
    vision: dict[str, Tensor]

    def __len__(self) -> int:
        return len(self.input_ids)


@dataclass(frozen=True)
class _EncodedImage:
    """One image after preprocessing: the tokens that stand for it, and its tensors."""

    token_ids: tuple[int, ...]
    vision: dict[str, Tensor]

    def size(self) -> int:
        return sum(tensor.numel() * tensor.element_size() for tensor in self.vision.values())


class Encoder:
    """Encodes prompts for one processor; every distinct image is decoded and preprocessed once."""

    def __init__(self, processor: Any) -> None:
        self.processor = processor
        self.tokenizer = processor.tokenizer
        self.image_token_id = getattr(processor, "image_token_id", None)
        if self.tokenizer.eos_token_id is None:
            raise UserError("The model's tokenizer names no end token; expected an eos_token.")
        self._images: OrderedDict[bytes, _EncodedImage] = OrderedDict()
        self._cached_bytes = 0

    @property
    def pad_id(self) -> int:
        """The token that fills rows up; it is masked wherever it stands."""
        pad = self.tokenizer.pad_token_id
        return int(self.tokenizer.eos_token_id if pad is None else pad)

    def answer_ids(self, answer: str) -> list[int]:
        """Tokens of an answer as it follows a prompt, ended by the end token."""
        ids = self.tokenizer(" " + answer, add_special_tokens=False)["input_ids"]
        return [*ids, self.tokenizer.eos_token_id]

    def encode(self, prompt: Prompt, answer: str | None = None) -> Encoded:
        """Encode a prompt, followed by the answer and the end token where an answer is given.

        Raises:
            UserError: if the number of placeholders and of images differ, or an image does not decode.
        """
        text_ids: list[int] = self.tokenizer(prompt.text)["input_ids"]
        placeholders = text_ids.count(self.image_token_id) if self.image_token_id is not None else 0
        if placeholders != len(prompt.images):
            raise UserError(
                f"A prompt has {placeholders} image placeholders for {len(prompt.images)} images; "
                "expected one for each."
            )
        images = [self._image(data) for data in prompt.images]
        ids: list[int] = []
        waiting = iter(images)
        for token in text_ids:
            if images and token == self.image_token_id:
                ids.extend(next(waiting).token_ids)
            else:
                ids.append(token)
        answer_ids = [] if answer is None else self.answer_ids(answer)
        mask = [False] * len(ids) + [True] * len(answer_ids)
        # One image is not copied: thousands of prompts about few portraits then share the portraits' tensors.
        vision = (
            images[0].vision
            if len(images) == 1
            else {
                key: torch.cat([image.vision[key] for image in images])
                for key in (images[0].vision if images else {})
            }
        )
        return Encoded(torch.tensor(ids + answer_ids), torch.tensor(mask), vision)

    def _image(self, data: bytes) -> _EncodedImage:
        key = sha256(data).digest()
        if key in self._images:
            self._images.move_to_end(key)
            return self._images[key]
        token = self.processor.image_token
        made = self.processor(text=[token], images=[open_image(data)], return_tensors="pt")
        bare = self.tokenizer("", add_special_tokens=True)["input_ids"]
        ids = made["input_ids"][0].tolist()
        prefix = next(
            (i for i, (a, b) in enumerate(zip(ids, bare, strict=False)) if a != b), min(len(ids), len(bare))
        )
        ids = ids[prefix : len(ids) - (len(bare) - prefix)]
        image = _EncodedImage(tuple(ids), {k: v for k, v in made.items() if k not in _PER_TOKEN})
        self._images[key] = image
        self._cached_bytes += image.size()
        while self._cached_bytes > _CACHE_BYTES and len(self._images) > 1:
            _, dropped = self._images.popitem(last=False)
            self._cached_bytes -= dropped.size()
        return image


def collate(items: Sequence[Encoded], pad_id: int, side: str = "right") -> dict[str, Tensor]:
    """Pad encoded rows to one length.

    Args:
        items: b rows; rows with and without images may be mixed.
        pad_id: token to fill up with.
        side: where to fill up, "left" (generation) or "right" (training, scoring).

    Returns:
        ``input_ids``, ``attention_mask`` and ``answer_mask`` [b, t], and the images' tensors concatenated
        along their first dimension in row order.
    """
    length = max(len(item) for item in items)
    ids = torch.full((len(items), length), pad_id)
    attention = torch.zeros(len(items), length, dtype=torch.long)
    answer = torch.zeros(len(items), length, dtype=torch.bool)
    for row, item in enumerate(items):
        span = slice(length - len(item), length) if side == "left" else slice(0, len(item))
        ids[row, span] = item.input_ids
        attention[row, span] = 1
        answer[row, span] = item.answer_mask
    batch = {"input_ids": ids, "attention_mask": attention, "answer_mask": answer}
    with_images = [item for item in items if item.vision]
    for key in with_images[0].vision if with_images else ():
        batch[key] = torch.cat([item.vision[key] for item in with_images])
    return batch
