"""Token ids of prompts with images: every placeholder becomes the tokens of its image's features.

A processor that is given a prompt and its images preprocesses all of the images. For prompts that show the
same images again and again that is nearly all of its work, and their tokens do not change. So the tokens are
made from images that are preprocessed already, in the cheapest of several ways (`TokenMaker`) that gives the
same ids as the processor. Which way that is depends on the model family and is tried once per processor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mllmu.benchmark.images import open_image
from mllmu.models.inputs.image_preprocessing import Picture
from mllmu.models.prompts.chat import render
from mllmu.models.prompts.conversations import Conversation, Message, Prompt

TokenMaker = Callable[[Any, Prompt, Sequence[Picture]], list[int]]


def text_tokens(tokenizer: Any, text: str) -> list[int]:
    """Token ids of a prompt's text; BOS is not added where the chat template has written it already."""
    has_bos = bool(tokenizer.bos_token) and text.startswith(tokenizer.bos_token)
    return list(tokenizer(text, add_special_tokens=not has_bos)["input_ids"])


def tokens_by_ids(processor: Any, prompt: Prompt, pictures: Sequence[Picture]) -> list[int]:
    """Tokenize the text, then replace the id of each placeholder by the ids of its image's tokens."""
    placeholder_id = processor.tokenizer.convert_tokens_to_ids(processor.image_token)
    remaining = iter(pictures)
    ids: list[int] = []
    for token in text_tokens(processor.tokenizer, prompt.text):
        picture = next(remaining, None) if token == placeholder_id else None
        ids.extend((token,) if picture is None else picture.token_ids)
    return ids


def tokens_by_text(processor: Any, prompt: Prompt, pictures: Sequence[Picture]) -> list[int]:
    """Replace each placeholder in the text by its image's tokens as text, then tokenize.

    Needed where tokens at the edge of an image merge with the text beside it.
    """
    before, *others = prompt.text.split(processor.image_token)
    texts = [processor.tokenizer.decode(list(picture.token_ids)) for picture in pictures]
    pairs = zip(texts, others, strict=True)
    return text_tokens(processor.tokenizer, before + "".join(text + after for text, after in pairs))


def tokens_without_images(processor: Any, prompt: Prompt, pictures: Sequence[Picture]) -> list[int]:
    """Give the processor the text alone; some families expand placeholders without seeing the images."""
    return list(processor(text=[prompt.text])["input_ids"][0])


def tokens_by_processor(processor: Any, prompt: Prompt, pictures: Sequence[Picture]) -> list[int]:
    """Give the processor text and images: always right, and slow."""
    images = [open_image(data) for data in prompt.images]
    has_bos = bool(processor.tokenizer.bos_token) and prompt.text.startswith(processor.tokenizer.bos_token)
    output = processor(text=[prompt.text], images=images, add_special_tokens=not has_bos)
    return list(output["input_ids"][0])


def cheapest_token_maker(processor: Any, image: bytes, picture: Picture) -> TokenMaker:
    """Choose the cheapest way that gives the processor's own token ids.

    Each way is tried on a prompt without chat template and, where the processor has one, on a rendered
    conversation; both show the image twice.

    Args:
        processor: a Hugging Face processor with an image token.
        image: an encoded image to try it with.
        picture: the same image, preprocessed.
    """
    placeholder, both = processor.image_token, (image, image)
    trials = [Prompt(f"USER: {placeholder}\nWho?\nASSISTANT: A\nUSER: {placeholder}\nHow?", both)]
    if processor.chat_template:
        shown = Message("user", "Who?", (image,))
        trials.append(render(processor, Conversation((shown, Message("assistant", "Ada."), shown))))
    expected = [tokens_by_processor(processor, trial, ()) for trial in trials]
    for maker in (tokens_by_ids, tokens_by_text, tokens_without_images):
        try:
            ids = [maker(processor, trial, (picture, picture)) for trial in trials]
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
        if ids == expected:
            return maker
    return tokens_by_processor
