"""Models in folders, as tests of stored adapters begin with them and look at them."""

from __future__ import annotations

from pathlib import Path

from mllmu.models import LoadedModel, load_model


def begin(folder: Path) -> LoadedModel:
    """A stored model that remembers where it came from."""
    return load_model(folder, "cpu").with_origin()


def is_adapter(folder: Path) -> bool:
    """Whether a folder has an adapter, and no whole model."""
    names = {path.name for path in folder.iterdir()}
    return "adapter_model.safetensors" in names and not {"config.json", "model.safetensors"} & names
