"""What users may name as a model: a built-in one, a folder, or a hub id; imports no torch."""

from __future__ import annotations

from pathlib import Path

from mllmu.errors import UserError
from mllmu.models.built_in_models import BUILT_IN_MODELS, built_in_model


def model_location(source: str | Path) -> str:
    """The folder or hub id to load a model from; whether a hub has it is only seen when it is loaded.

    Args:
        source: a built-in model's name, a folder, or a hub id (owner/name).

    Raises:
        UserError: there is no such folder, and it is no name and no hub id either.

    Example:
        >>> model_location("llava-hf/llava-1.5-7b-hf")
        'llava-hf/llava-1.5-7b-hf'
    """
    name = str(source)
    if built_in := built_in_model(name):
        return built_in.path
    if Path(name).is_dir():
        return name
    if Path(name).is_absolute() or name.startswith(".") or name.count("/") != 1:
        names = " or ".join(f"'{model.name}'" for model in BUILT_IN_MODELS)
        raise UserError(
            f"There is no model '{name}'; expected {names}, an existing folder or a hub id (owner/name)."
        )
    return name
