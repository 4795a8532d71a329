"""Adapters (PEFT): models that are stored as a difference from a base, and merged into it when loaded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mllmu.errors import UserError, first_line
from mllmu.models.storage.model_settings import settings_folder
from mllmu.models.storage.model_source import ADAPTER_CONFIG, ADAPTER_WEIGHTS


def adapter_folder(location: str, only_in_cache: bool = False) -> str:
    """The folder of a model that may be an adapter on a hub, in the hub's cache; else `location` itself.

    Args:
        location: a folder or hub id.
        only_in_cache: whether no hub is to be asked.

    Raises:
        UserError: an adapter is there, and its weights are not, or pickled.
    """
    from transformers.utils import cached_file, find_adapter_config_file

    if Path(location).is_dir():
        return location
    try:
        config = find_adapter_config_file(location, local_files_only=only_in_cache)
    except (OSError, ValueError):
        config = None  # what is missing is told when the model is loaded
    if config is None:
        return location
    try:
        weights = cached_file(location, ADAPTER_WEIGHTS, local_files_only=only_in_cache)
        settings_folder(location, only_in_cache)
    except (OSError, ValueError) as error:
        raise UserError(
            f"The adapter '{location}' could not be loaded ({first_line(error)}); expected its weights as "
            f"safetensors ({ADAPTER_WEIGHTS}), because pickled ones are not read."
        ) from error
    return str(Path(str(weights)).parent)


@contextmanager
def without_adapter(location: str) -> Iterator[str]:
    """A folder that shows a model without the adapter beside it, which transformers would add by itself."""
    if not (Path(location) / ADAPTER_CONFIG).is_file():
        yield location
        return
    with TemporaryDirectory() as shown:
        for file in Path(location).resolve().iterdir():
            if not file.name.startswith("adapter_"):
                (Path(shown) / file.name).symlink_to(file)
        yield shown


def merge_adapter(model: Any, folder: Path) -> Any:
    """Add an adapter's weights to a model's own, so that the result is a plain model.

    Args:
        model: the adapter's base, which is changed.
        folder: an adapter as PEFT saves it.

    Returns:
        The model, every weight of which can be trained.

    Raises:
        UserError: the adapter is of a kind that cannot be merged, or does not fit the model.
    """
    from peft import PeftConfig, get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        config = PeftConfig.from_pretrained(str(folder))
        weights = load_file(folder / ADAPTER_WEIGHTS)
        if config.is_prompt_learning:
            raise ValueError(f"{config.peft_type} adds to prompts")
        config.inference_mode = True
        config.base_model_name_or_path = None  # PEFT would warn that it is called otherwise here
        adapted = get_peft_model(model, config)
        expected = get_peft_model_state_dict(adapted, save_embedding_layers=False)
        loaded: Any = set_peft_model_state_dict(adapted, weights)
        if odd := [*loaded.unexpected_keys, *(expected.keys() - weights.keys())]:
            raise ValueError(f"{len(odd)} weights are missing or in excess, the first is '{min(odd)}'")
        # As after a training; what is not finite then is told by name.
        merged = adapted.merge_and_unload()
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, AttributeError, SafetensorError) as error:
        raise UserError(
            f"The adapter in {folder} could not be merged into its base ({first_line(error)}); expected an "
            "adapter such as LoRA that PEFT saved for this base."
        ) from error
    merged.requires_grad_(True)  # PEFT freezes the base
    return merged
