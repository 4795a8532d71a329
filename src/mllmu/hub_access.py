"""Whether a hub has something: asked once and briefly, since its client waits for minutes and tries again."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, TypeVar

from mllmu.errors import UserError

T = TypeVar("T")
SECONDS_TO_ANSWER = 10


def is_hub_id(source: str) -> bool:
    """Whether a text has the form of a hub id, ``owner/name``."""
    return re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", source, re.ASCII) is not None


def from_hub(
    kind: Literal["model", "dataset"],
    hub_id: str,
    get: Callable[[], T],
    cached: Callable[[], T | None],
    expected: str,
) -> T:
    """Get something from a hub, or from its cache while it does not answer.

    Settings of the client such as ``HF_HUB_OFFLINE`` and ``HF_HUB_CACHE`` are respected.

    Args:
        kind: of what the hub is asked about.
        hub_id: its id.
        get: gets it once the hub has said that it has it.
        cached: what the cache holds of it; None where that is not enough.
        expected: what the user could have named, for the message.

    Raises:
        UserError: it is neither to be had nor in the cache.
    """
    from huggingface_hub import HfApi

    try:
        getattr(HfApi(), f"{kind}_info")(hub_id, timeout=SECONDS_TO_ANSWER)
        return get()
    except Exception as error:  # the client raises its own errors, httpx's and the system's
        held = cached()
        if held is not None:
            return held
        reason = " ".join(str(error).split())[:200]
        raise UserError(
            f"{hub_id} is no folder here, and could not be had from the Hugging Face hub as a {kind} "
            f"({reason}); expected {expected}."
        ) from error
