"""JSON as people write it: a key that stands twice in an object is told, where Python takes the last."""

from __future__ import annotations

import json
from typing import Any

from mllmu.visible_text import brief


class RepeatedKeyError(ValueError):
    """One object has a key twice, and nobody can say which of the two values is meant."""

    def __init__(self, key: object) -> None:
        super().__init__(f"the key {brief(key)} stands twice in one object")


def parse_json(text: str | bytes, strict: bool = True) -> Any:
    """The value of a JSON text.

    Args:
        text: the text, or its bytes in UTF-8.
        strict: whether control characters, such as line ends, are refused inside of strings.

    Raises:
        RepeatedKeyError: an object has a key twice.
        ValueError: it is no JSON, or nested without end; for a sentence that names the file.
    """
    try:
        return json.loads(text, strict=strict, object_pairs_hook=_object)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of a list of keys and values, each key once."""
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise RepeatedKeyError(key)
        made[key] = value
    return made
