"""Whether a hub answers for a model, or its cache has to do."""

from __future__ import annotations

from pathlib import Path

from mllmu.hub_access import from_hub


def only_in_cache(location: str) -> bool:
    """Whether a model has to be read from the hub's cache alone, because no hub answers for it.

    Args:
        location: a folder, which no hub is asked about, or a hub id.

    Raises:
        UserError: it is a hub id, and neither in the cache nor to be had.
    """
    if Path(location).is_dir():
        return False
    return from_hub(
        "model",
        location,
        lambda: False,
        lambda: True if _is_cached(location) else None,
        "'tiny', a model folder, or the hub id of a model that can be downloaded",
    )


def _is_cached(hub_id: str) -> bool:
    """Whether the hub's cache holds a snapshot of a whole model, or of an adapter."""
    from huggingface_hub import try_to_load_from_cache

    names = ("config.json", "adapter_config.json")
    return any(isinstance(try_to_load_from_cache(hub_id, name), str) for name in names)
