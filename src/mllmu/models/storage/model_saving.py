"""Saving of models as Hugging Face folders, with what this package adds to them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mllmu.models.storage.model_loading import LoadedModel
from mllmu.models.storage.model_settings import SETTINGS_FILE
from mllmu.models.wrappers.wrapper_store import save_wrappers

_LOG = logging.getLogger(__name__)
# Beside new weights an old adapter would be taken for a part of the model.
_WEIGHTS = ("*.safetensors", "*.safetensors.index.json", "adapter_config.json")


def save_model(loaded: LoadedModel, folder: Path) -> None:
    """Write model, processor, system prompt and wrappers as a Hugging Face folder, adapters merged.

    What wrappers add lies in folders of their own beside the weights (see `save_wrappers`), which are as they
    would be without; other programs that read the folder have the model without them.

    Args:
        loaded: the model.
        folder: made if it does not exist; weights and adapters of an earlier model in it are removed.

    Example:
        ::

            save_model(loaded, Path("models/vanilla"))
    """
    folder.mkdir(parents=True, exist_ok=True)
    for stale in (file for pattern in _WEIGHTS for file in folder.glob(pattern)):
        stale.unlink()
    with _valid_generation_settings(loaded):
        loaded.model.save_pretrained(folder)
    save_surroundings(loaded, folder, {})


def save_surroundings(loaded: LoadedModel, folder: Path, more: Mapping[str, object]) -> None:
    """Write what stands around a model's weights: processor, system prompt and wrappers.

    Args:
        loaded: the model.
        folder: that of its weights.
        more: further settings to write beside system prompt and wrappers.
    """
    loaded.processor.save_pretrained(folder)
    settings: dict[str, object] = {"system_prompt": loaded.system_prompt, **more}
    if wrappers := save_wrappers(loaded.wrappers, folder):
        settings["wrappers"] = wrappers
    (folder / SETTINGS_FILE).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


@contextmanager
def _valid_generation_settings(loaded: LoadedModel) -> Iterator[None]:
    """Let a model have only its special tokens as generation settings if transformers would not write them.

    Published models have contradictory ones (LLaVA a temperature without sampling), which are read with a
    warning, and only after the training refused with an error.
    """
    brought = loaded.model.generation_config
    try:
        brought.validate(strict=True)
    except ValueError:
        _LOG.warning(
            "the generation settings of '%s' contradict one another; only its special tokens are saved",
            loaded.source,
        )
        names = ("bos_token_id", "eos_token_id", "pad_token_id")
        tokens = {name: getattr(brought, name) for name in names}
        loaded.model.generation_config = type(brought)(**tokens)
    try:
        yield
    finally:
        loaded.model.generation_config = brought
