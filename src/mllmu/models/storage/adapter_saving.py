"""Saving of models as adapters beside what they were made of."""

from __future__ import annotations

import json
import logging
import os
import shutil
from pathlib import Path
from typing import Any

from mllmu.errors import UserError
from mllmu.json_text import parse_json
from mllmu.models.storage.built_in_models import built_in_model
from mllmu.models.storage.model_chain import BASES, ModelChain, model_chain
from mllmu.models.storage.model_fingerprints import weights_fingerprint
from mllmu.models.storage.model_loading import LoadedModel
from mllmu.models.storage.model_origin import AddedAdapter, Origin
from mllmu.models.storage.model_saving import save_model, save_surroundings
from mllmu.models.storage.model_settings import MERGED_IN, read_settings
from mllmu.models.storage.model_source import ADAPTER_CONFIG, ADAPTER_WEIGHTS, BASE_KEY, base_name

_LOG = logging.getLogger(__name__)
_NEAR = 2
"""A base at most so many folders up is named as seen from its adapter, so that both can be moved together."""


def store_model(loaded: LoadedModel, folder: Path) -> None:
    """Write a model as an adapter with the identity of its base, where that is the whole difference.

    The base is what the model's origin was loaded from (see `LoadedModel.with_origin`). A model that has no
    origin, or whose weights are not what its origin and one adapter give, to the last bit, is written whole.
    So is one whose origin's files have changed since: the adapter would stand on other weights.

    Args:
        loaded: the model.
        folder: made if it does not exist; should be empty.

    Raises:
        UserError: if weights of the base are damaged.

    Example:
        ::

            vanilla = load_model("models/vanilla").with_origin()
            store_model(train(vanilla, people, settings=with_lora), Path("models/more"))
    """
    origin = loaded.origin
    if origin is None:
        return save_model(loaded, folder)
    now = weights_fingerprint(loaded.model)
    added = origin.added if origin.explains(now) else None
    if added is None and now != origin.fingerprint:
        return save_model(loaded, folder)
    chain = _unchanged(origin)
    if chain is None:
        _LOG.warning(
            "The model in %s has changed since it was loaded; %s gets a whole model instead of an adapter.",
            origin.source,
            folder,
        )
    elif added is not None:
        return _write_added(loaded, origin.source, chain, added, folder)
    elif chain.is_adapter_alone:
        return _copy(loaded, chain, folder)
    return save_model(loaded, folder)


def _unchanged(origin: Origin) -> ModelChain | None:
    """The parts of what a model was loaded from; None if they are no longer what they were then."""
    try:
        chain = model_chain(origin.source)
        return chain if chain.stamps() == origin.stamps else None
    except (UserError, OSError):
        return None


def _write_added(
    loaded: LoadedModel, source: str, chain: ModelChain, added: AddedAdapter, folder: Path
) -> None:
    """Write an adapter on what the model was loaded from, which may be an adapter itself."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    save_file(dict(added.tensors), folder / ADAPTER_WEIGHTS)
    _write_config(dict(added.config), source, folder)
    save_surroundings(loaded, folder, {BASES: chain.digests(), MERGED_IN: _format(loaded)})


def _copy(loaded: LoadedModel, chain: ModelChain, folder: Path) -> None:
    """Write the adapter that the model was loaded from once more, with what stands around the model now."""
    own = chain.adapters[0]
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(own / ADAPTER_WEIGHTS, folder / ADAPTER_WEIGHTS)
    config = parse_json((own / ADAPTER_CONFIG).read_text(encoding="utf-8"))
    _write_config(config, base_name(own), folder)
    settings = {
        BASES: chain.digests()[1:],
        MERGED_IN: read_settings(str(own)).get(MERGED_IN, _format(loaded)),
    }
    save_surroundings(loaded, folder, settings)


def _format(loaded: LoadedModel) -> str:
    """The number format of a model's weights, without its library's name."""
    return str(loaded.model.dtype).removeprefix("torch.")


def _write_config(config: dict[str, Any], base: str, folder: Path) -> None:
    written = {**config, BASE_KEY: _seen_from(folder, base)}
    text = json.dumps(written, indent=2, sort_keys=True) + "\n"
    (folder / ADAPTER_CONFIG).write_text(text, encoding="utf-8")


def _seen_from(folder: Path, base: str) -> str:
    """What an adapter's config calls its base."""
    if built_in_model(base) or not Path(base).is_dir():
        return base
    relative = Path(os.path.relpath(os.path.realpath(base), os.path.realpath(folder)))
    return relative.as_posix() if relative.parts.count("..") <= _NEAR else str(Path(base).absolute())
