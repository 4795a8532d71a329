"""What users may name as a model: a built-in one, a folder, or a hub id; imports no torch."""

from __future__ import annotations

from pathlib import Path

from mllmu.errors import UserError
from mllmu.hub_access import is_hub_id
from mllmu.json_text import parse_json
from mllmu.models.storage.built_in_models import BUILT_IN_MODELS, built_in_model

# As PEFT writes them.
ADAPTER_CONFIG = "adapter_config.json"
ADAPTER_WEIGHTS = "adapter_model.safetensors"
BASE_KEY = "base_model_name_or_path"


def model_location(source: str | Path) -> str:
    """The folder or hub id to load a model from; whether a hub has it is only seen when it is loaded.

    Args:
        source: a built-in model's name, a folder, or a hub id (owner/name).

    Raises:
        UserError: there is no such folder, and it is no name and no hub id either; or it is an adapter whose
            base is missing.

    Example:
        >>> model_location("llava-hf/llava-1.5-7b-hf")
        'llava-hf/llava-1.5-7b-hf'
    """
    location = _location(str(source))
    adapters_of(location)
    return location


def adapters_of(location: str) -> tuple[list[Path], str]:
    """The adapters (PEFT) that a model consists of, and the model below them.

    A folder with an adapter and a whole model beside it is that model with the adapter, as transformers has
    it. Otherwise the adapter's config names its base: a folder, as seen from the adapter's folder or from
    here, or whatever else `model_location` takes.

    Args:
        location: a folder or a hub id; a hub id has no adapters here.

    Returns:
        The adapters' folders, the last to apply first, and the folder or hub id of the base. Where the base
        lies beside the last adapter, it is that folder.

    Raises:
        UserError: an adapter has no readable config, no safetensors, or no base.
    """
    adapters: list[Path] = []
    while (Path(location) / ADAPTER_CONFIG).is_file():
        folder = Path(location)
        if any(folder.samefile(other) for other in adapters):
            raise UserError(f"The adapter in {folder} is its own base; expected the base's folder or hub id.")
        if not (folder / ADAPTER_WEIGHTS).is_file():
            raise UserError(
                f"{folder} holds {ADAPTER_CONFIG} without {ADAPTER_WEIGHTS}; expected an adapter's weights "
                "as safetensors, because pickled ones are not read."
            )
        adapters.append(folder)
        if holds_whole_model(folder):
            break
        location = _base_location(folder)
    return adapters, location


def holds_whole_model(folder: Path) -> bool:
    """Whether a folder has a model's own config and weights, whatever adapter lies beside."""
    weights = (file.name for file in folder.glob("*.safetensors"))
    return (folder / "config.json").is_file() and any(not name.startswith("adapter_") for name in weights)


def base_name(folder: Path) -> str:
    """What an adapter's config calls its base: a built-in name, a hub id, or a folder, as seen from here.

    Raises:
        UserError: the config cannot be read, or names none.
    """
    file = folder / ADAPTER_CONFIG
    try:
        base = parse_json(file.read_text(encoding="utf-8"))[BASE_KEY]
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{file} cannot be read ({error}); expected a JSON object with {BASE_KEY}."
        ) from error
    if not isinstance(base, str) or not base.strip():
        raise UserError(f"{file} names no base; expected a folder or hub id as {BASE_KEY}.")
    return str(folder / base) if (folder / base).is_dir() else base


def _base_location(folder: Path) -> str:
    """The folder or hub id of the base that an adapter's config names."""
    name = base_name(folder)
    try:
        return _location(name)
    except UserError as error:
        raise UserError(f"The base of the adapter in {folder} is missing: {error}") from error


def _location(name: str) -> str:
    """See `model_location`; without a look at adapters."""
    if built_in := built_in_model(name):
        return built_in.path
    if name.strip() and Path(name).is_dir():
        return name
    if not is_hub_id(name):
        names = " or ".join(f"'{model.name}'" for model in BUILT_IN_MODELS)
        raise UserError(
            f"There is no model '{name}'; expected {names}, an existing folder or a hub id (owner/name)."
        )
    return name
