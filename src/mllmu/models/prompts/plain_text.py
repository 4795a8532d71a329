"""Refuse texts that a model's tokenizer would not take for words."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from mllmu.errors import UserError


def require_plain(processor: Any, text: str, kind: str) -> None:
    """Check that a text holds nothing that the tokenizer reads as a control token, or cannot encode.

    Args:
        processor: a Hugging Face processor with a tokenizer.
        text: a question or an answer.
        kind: which of the two, for the message.

    Raises:
        UserError: it holds a special token of the tokenizer or an image placeholder, or half of a surrogate
            pair.
    """
    match = special_tokens(processor, len(processor.tokenizer)).search(text)
    if match:
        raise UserError(
            f"The {kind} {text!r} contains {match.group()}, a control token of the model; expected words."
        )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UserError(
            f"The {kind} {text!r} contains half of a surrogate pair (U+{ord(text[error.start]):04X}), "
            "which no tokenizer encodes; expected words."
        ) from error


# The size of the vocabulary is part of the key, because tokens may be added to a tokenizer.
@lru_cache(maxsize=8)
def special_tokens(processor: Any, size: int) -> re.Pattern[str]:
    """A pattern for the special tokens; signs and words such as a padding token ``!`` may stand in a text.

    Args:
        processor: a Hugging Face processor with a tokenizer.
        size: of its vocabulary.
    """
    added = processor.tokenizer.added_tokens_decoder.values()
    tokens = {
        *processor.tokenizer.all_special_tokens,
        *(token.content for token in added if token.special),
        *(getattr(processor, name, None) or "" for name in ("image_token", "boi_token", "eoi_token")),
    }
    words = sorted(token for token in map(str, tokens) if len(token) > 2 and not token.isalnum())
    return re.compile("|".join(map(re.escape, words)) or r"(?!)")
