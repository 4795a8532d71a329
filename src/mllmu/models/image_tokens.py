"""The token ids of prompts with pictures, made without preprocessing the pictures again.

A processor that is given a prompt and its images preprocesses all of them. For prompts that show the same
pictures again and again that is nearly all of its work, so the tokens are made in the cheapest of several
ways that gives what the processor itself gives; which one that is depends on the family and is tried once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mllmu.benchmark.images import open_image
from mllmu.models.chat import Conversation, Message, Prompt, render
from mllmu.models.image_preprocessing import Picture

Spelling = Callable[[Any, Prompt, Sequence[Picture]], list[int]]


def tokenized(tokenizer: Any, text: str) -> list[int]:
    """Token ids of a prompt's text; a template that writes the first token itself gets no second one."""
    begun = bool(tokenizer.bos_token) and text.startswith(tokenizer.bos_token)
    return list(tokenizer(text, add_special_tokens=not begun)["input_ids"])


def spliced(processor: Any, prompt: Prompt, pictures: Sequence[Picture]) -> list[int]:
    """Each placeholder's token is replaced by its picture's tokens."""
    place = processor.tokenizer.convert_tokens_to_ids(processor.image_token)
    waiting = iter(pictures)
    ids: list[int] = []
    for token in tokenized(processor.tokenizer, prompt.text):
        picture = next(waiting, None) if token == place else None
        ids.extend((token,) if picture is None else picture.token_ids)
    return ids


def respelled(processor: Any, prompt: Prompt, pictures: Sequence[Picture]) -> list[int]:
    """Each placeholder is replaced by its picture's tokens as text, which may join the text around them."""
    before, *others = prompt.text.split(processor.image_token)
    texts = [processor.tokenizer.decode(list(picture.token_ids)) for picture in pictures]
    pairs = zip(texts, others, strict=True)
    return tokenized(processor.tokenizer, before + "".join(text + after for text, after in pairs))


def without_images(processor: Any, prompt: Prompt, pictures: Sequence[Picture]) -> list[int]:
    """The processor is given the text alone, which some families expand all the same."""
    return list(processor(text=[prompt.text])["input_ids"][0])


def processed(processor: Any, prompt: Prompt, pictures: Sequence[Picture]) -> list[int]:
    """The processor is given text and images."""
    images = [open_image(data) for data in prompt.images]
    begun = bool(processor.tokenizer.bos_token) and prompt.text.startswith(processor.tokenizer.bos_token)
    made = processor(text=[prompt.text], images=images, add_special_tokens=not begun)
    return list(made["input_ids"][0])


def fitting_spelling(processor: Any, image: bytes, picture: Picture) -> Spelling:
    """The cheapest way that gives the processor's own tokens, with its chat template and without."""
    place, both = processor.image_token, (image, image)
    trials = [Prompt(f"USER: {place}\nWho?\nASSISTANT: A\nUSER: {place}\nHow?", both)]
    if processor.chat_template:
        shown = Message("user", "Who?", (image,))
        trials.append(render(processor, Conversation((shown, Message("assistant", "Ada."), shown))))
    expected = [processed(processor, trial, ()) for trial in trials]
    for way in (spliced, respelled, without_images):
        try:
            found = [way(processor, trial, (picture, picture)) for trial in trials]
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
        if found == expected:
            return way
    return processed
