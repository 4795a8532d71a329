"""Encoding of prompts and answers as model inputs, for every family with a Hugging Face processor.

Shapes are written with b for rows of a batch and t for tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from mllmu.benchmark.language.answer_parts import AnswerPart, character_parts
from mllmu.errors import UserError, first_line
from mllmu.models.inputs.cross_attention import CROSS_MASK, batched, cross_mask
from mllmu.models.inputs.image_preprocessing import Picture, PictureCache
from mllmu.models.inputs.image_tokens import TokenMaker, cheapest_token_maker, text_tokens, tokens_by_ids
from mllmu.models.prompts.answer_form import AnswerForm, answer_form, answer_token_spans, answer_tokens
from mllmu.models.prompts.conversations import Prompt
from mllmu.models.prompts.plain_text import require_plain

# Characters at the end of a prompt that can change an answer's tokens; no word of a chat template is longer.
_CONTEXT_CHARACTERS = 64


@dataclass(frozen=True)
class Encoded:
    """The model inputs of one prompt, with or without an answer.

    Attributes:
        input_ids: int64 [t], token ids; image placeholders are expanded to one token per image feature.
        answer_mask: bool [t], true for the tokens of the answer and its end token.
        vision: inputs of the vision tower (``pixel_values`` [images, 3, h, w], ...); empty without images.
        per_token: further inputs of some families, one int64 [t] each (``token_type_ids``, ...): 1 for tokens
            of image features, else 0.
        cross_mask: int64 [t, images, tiles], which tiles a token looks at, in families whose images have no
            tokens for features; None in others, and without images.
        start_is_read: whether the answer's own first token is one of those that ``answer_mask`` keeps.
    """

    input_ids: Tensor
    answer_mask: Tensor
    vision: dict[str, Tensor]
    per_token: dict[str, Tensor] = field(default_factory=dict)
    cross_mask: Tensor | None = None
    start_is_read: bool = True

    def __len__(self) -> int:
        return len(self.input_ids)


@dataclass(frozen=True)
class Layout:
    """A prompt's token ids and its preprocessed images.

    Attributes:
        ids: token ids, image placeholders expanded.
        pictures: the images in the order of their placeholders.
        feature_id: id of the tokens whose embeddings the model replaces by image features; None without
            images.
    """

    ids: list[int]
    pictures: list[Picture]
    feature_id: int | None


class Encoder:
    """Encodes prompts for one processor; every distinct image is decoded and preprocessed once.

    Args:
        processor: a Hugging Face processor with a tokenizer.

    Example:
        ::

            loaded = load_model("tiny", "cpu")
            encoded = loaded.encoder.encode(chat_prompt(loaded.processor, "Who is this?"), "Ada")
            loaded.encoder.tokenizer.decode(encoded.input_ids[encoded.answer_mask])  # ' Ada</s>'
    """

    def __init__(self, processor: Any) -> None:
        self.processor = processor
        self.tokenizer = processor.tokenizer
        self.answer_form: AnswerForm = answer_form(processor)
        self._answers: dict[tuple[str, str], list[int]] = {}
        self._token_maker: TokenMaker | None = None

    @property
    def placeholder(self) -> str:
        """The text that marks an image in a prompt; ``<image>`` for processors of text alone."""
        return getattr(self.processor, "image_token", None) or "<image>"

    @property
    def pad_id(self) -> int:
        """Id of the padding token: the tokenizer's, or else the end token, since padding is masked anyway."""
        pad = self.tokenizer.pad_token_id
        return int(self.answer_form.end_id if pad is None else pad)

    def answer_ids(self, prompt: str, answer: str) -> list[int]:
        """Token ids of an answer after a prompt's text, the end token included.

        Raises:
            UserError: if the answer holds a control token of the model.
        """
        spaced_answer = self.answer_form.spaced(prompt, answer)
        # Text far before an answer does not change its tokens.
        key = prompt[-_CONTEXT_CHARACTERS:], spaced_answer
        if key not in self._answers:
            require_plain(self.processor, answer, "answer")
            self._answers[key] = answer_tokens(self.tokenizer, *key)
        return [*self._answers[key], self.answer_form.end_id]

    def answer_parts(self, prompt: str, question: str, answer: str, value: str) -> list[AnswerPart]:
        """What each token of `answer_ids` does.

        A token is the value if it covers any of its characters, and an echo if all its characters but blanks
        are one (see ``character_parts``).

        Args:
            prompt: the text before the answer.
            question: what the prompt asks, without template.
            answer: the answer.
            value: what it states; empty if not known.

        Raises:
            UserError: if the tokenizer does not say which characters its tokens cover.
        """
        spaced_answer = self.answer_form.spaced(prompt, answer)
        lead = len(spaced_answer) - len(answer)
        of_character = character_parts(question, answer, value)
        parts = [AnswerPart.END]
        spans = answer_token_spans(self.tokenizer, prompt[-_CONTEXT_CHARACTERS:], spaced_answer)
        for start, end in reversed(spans):
            covered = range(max(0, start - lead), max(0, end - lead))
            done = {of_character[at] for at in covered if not answer[at].isspace()}
            # A token of blanks alone begins what comes next.
            parts.append(_part_of(done or {parts[-1]}))
        return parts[::-1]

    def layout(self, prompt: Prompt) -> Layout:
        """Token ids and preprocessed images of a prompt.

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
        if self.has_cross_attention:
            # The processor itself would begin some texts twice.
            ids = tokens_by_ids(self.processor, prompt, pictures)
            return Layout(ids, pictures, pictures[0].feature_id)
        if self._token_maker is None:
            self._token_maker = cheapest_token_maker(self.processor, prompt.images[0], pictures[0])
        return Layout(self._token_maker(self.processor, prompt, pictures), pictures, pictures[0].feature_id)

    def picture(self, data: bytes) -> Picture:
        """The preprocessed form of an encoded image (PNG, JPEG, ...).

        Raises:
            UserError: if it does not decode.
        """
        return self._pictures.get(data)

    def prepare(self, images: Iterable[bytes]) -> None:
        """Preprocess encoded images in advance, which is faster than one by one when first needed.

        Raises:
            UserError: if one does not decode.
        """
        self._pictures.prepare(images)

    def encode(self, prompt: Prompt, answer: str | None = None) -> Encoded:
        """Encode a prompt, followed by the answer and its end token if an answer is given.

        Raises:
            UserError: see `layout`.
        """
        layout = self.layout(prompt)
        answer_ids = [] if answer is None else self.answer_ids(prompt.text, answer)
        ids = torch.tensor(layout.ids + answer_ids)
        mask = torch.tensor([False] * len(layout.ids) + [True] * len(answer_ids))
        is_feature = torch.tensor([int(token == layout.feature_id) for token in ids.tolist()])
        per_token = {name: is_feature for name in self._per_token}
        # One image is not copied: thousands of prompts about few portraits share the portraits' tensors.
        vision = joined_vision([picture.vision for picture in layout.pictures])
        if not (self.has_cross_attention and layout.feature_id is not None):
            return Encoded(ids, mask, vision, per_token)
        return Encoded(ids, mask, vision, per_token, cross_mask(ids.tolist(), layout.feature_id, vision))

    @cached_property
    def has_cross_attention(self) -> bool:
        """Whether text looks at images through layers of their own, and not at tokens among its own."""
        return CROSS_MASK in getattr(self.processor, "model_input_names", ())

    @cached_property
    def _per_token(self) -> tuple[str, ...]:
        """Names of the processor's further outputs per token, which mark tokens of image features."""
        try:
            output = self.processor(text=[self.tokenizer.decode([self.pad_id])])
        except ValueError as error:
            raise UserError(
                f"{type(self.processor).__name__} takes no text without an image ({first_line(error)}); "
                "expected a model that can be asked by name alone."
            ) from error
        return tuple(key for key in output if key not in ("input_ids", "attention_mask"))

    @cached_property
    def _pictures(self) -> PictureCache:
        return PictureCache(self.processor, self._per_token)


def _part_of(parts: set[AnswerPart]) -> AnswerPart:
    """What a token does whose characters do these things."""
    if AnswerPart.VALUE in parts:
        return AnswerPart.VALUE
    return next(iter(parts)) if len(parts) == 1 else AnswerPart.TEMPLATE


def joined_vision(parts: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Concatenate the vision inputs of several images along their first dimension.

    Images of different sizes are padded with zeros at the end of each dimension, as processors do.

    Args:
        parts: per image, the inputs of the vision tower; all have the same names. One image is returned as it
            is, not copied; none gives an empty dictionary.
    """
    if len(parts) == 1:
        return parts[0]
    return {key: _padded_and_joined([part[key] for part in parts]) for key in (parts[0] if parts else ())}


def _padded_and_joined(tensors: Sequence[Tensor]) -> Tensor:
    """Concatenate tensors along the first dimension, zero-padded to the largest size in every other one."""
    sizes = [max(size) for size in zip(*(tensor.shape[1:] for tensor in tensors), strict=True)]
    if all(list(tensor.shape[1:]) == sizes for tensor in tensors):
        return torch.cat(list(tensors))
    out = tensors[0].new_zeros(sum(len(tensor) for tensor in tensors), *sizes)
    start = 0
    for tensor in tensors:
        region = (slice(start, start + len(tensor)), *(slice(size) for size in tensor.shape[1:]))
        out[region] = tensor
        start += len(tensor)
    return out


def collate(items: Sequence[Encoded], pad_id: int, side: str = "right") -> dict[str, Tensor]:
    """Pad encoded prompts to one length and stack them to a batch.

    Args:
        items: b rows; rows with and without images may be mixed.
        pad_id: id of the padding token.
        side: side of the padding, "left" (generation) or "right" (training, scoring).

    Returns:
        ``input_ids``, ``attention_mask`` (1 for tokens, 0 for padding), ``answer_mask`` and the family's
        further inputs per token, all [b, t]; and the vision inputs of all rows, concatenated along the first
        dimension in row order; or one entry per row, for `cross_attention.by_images`.
    """
    length = max(len(item) for item in items)
    per_token = {name: torch.zeros(len(items), length, dtype=torch.long) for name in items[0].per_token}
    ids = torch.full((len(items), length), pad_id)
    attention = torch.zeros(len(items), length, dtype=torch.long)
    answer = torch.zeros(len(items), length, dtype=torch.bool)
    spans = [slice(length - len(item), length) if side == "left" else slice(0, len(item)) for item in items]
    for row, (item, span) in enumerate(zip(items, spans, strict=True)):
        ids[row, span] = item.input_ids
        attention[row, span] = 1
        answer[row, span] = item.answer_mask
        for name, values in item.per_token.items():
            per_token[name][row, span] = values
    if any(item.cross_mask is not None for item in items):
        vision = batched([item.vision for item in items], [item.cross_mask for item in items], spans, length)
    else:
        vision = joined_vision([item.vision for item in items if item.vision])
    return {"input_ids": ids, "attention_mask": attention, "answer_mask": answer, **per_token, **vision}
