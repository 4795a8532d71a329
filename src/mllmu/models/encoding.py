"""From prompts and answers to tensors, for every family whose processor follows the Hugging Face interface.

Legend of shapes: b rows, t tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from mllmu.errors import UserError
from mllmu.models.answer_form import AnswerForm, answer_form, answer_tokens
from mllmu.models.chat import Prompt
from mllmu.models.image_preprocessing import Picture, PictureCache
from mllmu.models.image_tokens import TokenMaker, cheapest_token_maker, text_tokens

# Characters of a prompt that can matter to the tokens after it; no word of a chat template is longer.
_NEAR = 64


@dataclass(frozen=True)
class Encoded:
    """One prompt with or without an answer.

    Attributes:
        input_ids: [t] token ids, image placeholders expanded to one token per image feature.
        answer_mask: [t] true where a token belongs to the answer or is its end token.
        vision: the processor's tensors (``pixel_values`` [images, 3, h, w], ...); empty for text.
        per_token: what a family's model wants to know of every token (``token_type_ids`` [t], ...).
    """

    input_ids: Tensor
    answer_mask: Tensor
    vision: dict[str, Tensor]
    per_token: dict[str, Tensor] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.input_ids)


@dataclass(frozen=True)
class Layout:
    """A prompt as token ids, and the pictures whose features take the places of some of them.

    Attributes:
        ids: token ids, placeholders expanded.
        pictures: in the order of their places.
        feature_id: the token that holds the place of a feature; None without pictures.
    """

    ids: list[int]
    pictures: list[Picture]
    feature_id: int | None


class Encoder:
    """Encodes prompts for one processor; every distinct image is decoded and preprocessed once."""

    def __init__(self, processor: Any) -> None:
        self.processor = processor
        self.tokenizer = processor.tokenizer
        self.answer_form: AnswerForm = answer_form(processor)
        self._answers: dict[tuple[str, str], list[int]] = {}
        self._token_maker: TokenMaker | None = None

    @property
    def placeholder(self) -> str:
        """What stands for a picture in a prompt; some processors of text alone have none."""
        return getattr(self.processor, "image_token", None) or "<image>"

    @property
    def pad_id(self) -> int:
        """The token that fills rows up; it is masked wherever it stands."""
        pad = self.tokenizer.pad_token_id
        return int(self.answer_form.end_id if pad is None else pad)

    def answer_ids(self, prompt: str, answer: str) -> list[int]:
        """Tokens of an answer as it follows a prompt's text, ended by the end token."""
        led = self.answer_form.led(prompt, answer)
        # What stands long before an answer does not change its tokens.
        key = prompt[-_NEAR:], led
        if key not in self._answers:
            self._answers[key] = answer_tokens(self.tokenizer, *key)
        return [*self._answers[key], self.answer_form.end_id]

    def layout(self, prompt: Prompt) -> Layout:
        """Token ids and pictures of a prompt.

        Raises:
            UserError: if the number of placeholders and of images differ, or an image does not decode.
        """
        placeholders = prompt.text.count(self.placeholder)
        if placeholders != len(prompt.images):
            raise UserError(
                f"A prompt has {placeholders} image placeholders for {len(prompt.images)} images; "
                "expected one for each."
            )
        if not prompt.images:
            return Layout(text_tokens(self.tokenizer, prompt.text), [], None)
        pictures = [self.picture(data) for data in prompt.images]
        if self._token_maker is None:
            self._token_maker = cheapest_token_maker(self.processor, prompt.images[0], pictures[0])
        return Layout(self._token_maker(self.processor, prompt, pictures), pictures, pictures[0].feature_id)

    def picture(self, data: bytes) -> Picture:
        """An encoded image as the model gets it.

        Raises:
            UserError: if it does not decode.
        """
        return self._pictures.get(data)

    def prepare(self, images: Iterable[bytes]) -> None:
        """Preprocess encoded images in advance, faster than one by one when they are first needed.

        Raises:
            UserError: if one does not decode.
        """
        self._pictures.prepare(images)

    def encode(self, prompt: Prompt, answer: str | None = None) -> Encoded:
        """Encode a prompt, followed by the answer and the end token where an answer is given.

        Raises:
            UserError: see `layout`.
        """
        layout = self.layout(prompt)
        answer_ids = [] if answer is None else self.answer_ids(prompt.text, answer)
        ids = torch.tensor(layout.ids + answer_ids)
        mask = torch.tensor([False] * len(layout.ids) + [True] * len(answer_ids))
        holds_feature = torch.tensor([int(token == layout.feature_id) for token in ids.tolist()])
        per_token = {name: holds_feature for name in self._per_token}
        # One image is not copied: thousands of prompts about few portraits then share the portraits' tensors.
        vision = joined_vision([picture.vision for picture in layout.pictures])
        return Encoded(ids, mask, vision, per_token)

    @cached_property
    def _per_token(self) -> tuple[str, ...]:
        """What the processor returns of every token, beside its id: whether it holds a feature."""
        made = self.processor(text=[self.tokenizer.decode([self.pad_id])])
        return tuple(key for key in made if key not in ("input_ids", "attention_mask"))

    @cached_property
    def _pictures(self) -> PictureCache:
        return PictureCache(self.processor, self._per_token)


def joined_vision(parts: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """The tensors of several images, concatenated along their first dimension; a single image is not copied.

    Images of several sizes are filled up with zeros, which is how processors mark what is no image.
    """
    if len(parts) == 1:
        return parts[0]
    return {key: _filled_up([part[key] for part in parts]) for key in (parts[0] if parts else ())}


def _filled_up(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors of one number of dimensions, concatenated along the first."""
    sizes = [max(size) for size in zip(*(tensor.shape[1:] for tensor in tensors), strict=True)]
    if all(list(tensor.shape[1:]) == sizes for tensor in tensors):
        return torch.cat(list(tensors))
    out = tensors[0].new_zeros(sum(len(tensor) for tensor in tensors), *sizes)
    start = 0
    for tensor in tensors:
        place = (slice(start, start + len(tensor)), *(slice(size) for size in tensor.shape[1:]))
        out[place] = tensor
        start += len(tensor)
    return out


def collate(items: Sequence[Encoded], pad_id: int, side: str = "right") -> dict[str, Tensor]:
    """Pad encoded rows to one length.

    Args:
        items: b rows; rows with and without images may be mixed.
        pad_id: token to fill up with.
        side: where to fill up, "left" (generation) or "right" (training, scoring).

    Returns:
        ``input_ids``, ``attention_mask``, ``answer_mask`` and what the family wants of every token [b, t],
        and the images' tensors concatenated along their first dimension in row order.
    """
    length = max(len(item) for item in items)
    kinds = {name: torch.zeros(len(items), length, dtype=torch.long) for name in items[0].per_token}
    ids = torch.full((len(items), length), pad_id)
    attention = torch.zeros(len(items), length, dtype=torch.long)
    answer = torch.zeros(len(items), length, dtype=torch.bool)
    for row, item in enumerate(items):
        span = slice(length - len(item), length) if side == "left" else slice(0, len(item))
        ids[row, span] = item.input_ids
        attention[row, span] = 1
        answer[row, span] = item.answer_mask
        for name, kind in item.per_token.items():
            kinds[name][row, span] = kind
    vision = joined_vision([item.vision for item in items if item.vision])
    return {"input_ids": ids, "attention_mask": attention, "answer_mask": answer, **kinds, **vision}
