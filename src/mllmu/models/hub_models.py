"""Whether a hub has a model: asked once and briefly, because loading itself asks for minutes."""

from __future__ import annotations

from pathlib import Path

from mllmu.errors import UserError

_SECONDS_TO_ANSWER = 5


def only_in_cache(location: str) -> bool:
    """Whether a model has to be read from the hub's cache alone, because no hub answers for it.

    Settings of the client such as ``HF_HUB_OFFLINE`` and ``HF_HUB_CACHE`` are respected.

    Args:
        location: a folder, which no hub is asked about, or a hub id.

    Raises:
        UserError: it is a hub id, and neither in the cache nor to be had.
    """
    if Path(location).is_dir():
        return False
    from huggingface_hub import HfApi

    try:
        HfApi().model_info(location, timeout=_SECONDS_TO_ANSWER)
    except Exception as error:  # the client raises its own errors, httpx's and the system's
        if _is_cached(location):
            return True
        reason = " ".join(str(error).split())[:200]
        raise UserError(
            f"Model '{location}' is no folder here, and could not be had from the Hugging Face hub "
            f"({reason}); expected 'tiny', a model folder, or the hub id of a model that can be downloaded."
        ) from error
    return False


def _is_cached(hub_id: str) -> bool:
    """Whether the hub's cache holds a snapshot of a whole model, or of an adapter."""
    from huggingface_hub import try_to_load_from_cache

    names = ("config.json", "adapter_config.json")
    return any(isinstance(try_to_load_from_cache(hub_id, name), str) for name in names)
