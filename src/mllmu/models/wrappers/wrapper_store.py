"""Wrappers on disk: one small folder each, beside the model that they stand around."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from mllmu.errors import UserError, first_line
from mllmu.json_text import parse_json
from mllmu.models.storage.model_settings import WRAPPERS_FOLDER
from mllmu.models.wrappers.wrapper import Wrapper, WrapperParts
from mllmu.registry import Registry
from mllmu.visible_text import brief

_SETTINGS_FILE = "wrapper.json"
_TENSORS_FILE = "wrapper.safetensors"


def _is_wrapper(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Wrapper) and hasattr(value, "name")


WRAPPERS: Registry[type[Wrapper]] = Registry(
    "wrapper of a model", "mllmu.models.wrappers", "mllmu.wrappers", _is_wrapper
)


def save_wrappers(wrappers: Sequence[Wrapper], folder: Path) -> list[str]:
    """Write ``wrappers/0-NAME``, ``wrappers/1-NAME``, ... into a model's folder; those there before go.

    Each holds ``wrapper.json`` and, where it has tensors, ``wrapper.safetensors``.

    Returns:
        The names of these folders, the innermost first, for `load_wrappers`.
    """
    shutil.rmtree(folder / WRAPPERS_FOLDER, ignore_errors=True)
    names = [f"{position}-{wrapper.name}" for position, wrapper in enumerate(wrappers)]
    for name, wrapper in zip(names, wrappers, strict=True):
        own, parts = folder / WRAPPERS_FOLDER / name, wrapper.parts()
        own.mkdir(parents=True)
        text = json.dumps({"kind": wrapper.name, "settings": dict(parts.settings)}, indent=2)
        (own / _SETTINGS_FILE).write_text(text + "\n", encoding="utf-8")
        if parts.tensors:
            # Parts of one larger tensor would bring all of it along.
            tensors = {key: tensor.detach().cpu().clone() for key, tensor in parts.tensors.items()}
            save_file(tensors, own / _TENSORS_FILE)
    return names


def load_wrappers(folder: Path, names: Sequence[object]) -> list[Wrapper]:
    """Read what `save_wrappers` wrote.

    Args:
        folder: the model's folder.
        names: what `save_wrappers` returned.

    Raises:
        UserError: if one is missing, of an unknown kind, damaged, or not in the model's folder.
    """
    inside = folder / WRAPPERS_FOLDER
    for name in names:
        # A model's folder may come from anywhere, and lead anywhere.
        leads = (inside / str(name)).resolve().parent
        if Path(str(name)).name != name or leads != inside.resolve():
            raise UserError(f"{folder} names a wrapper {brief(name)}; expected the name of a folder in it.")
    there = [one.name for one in sorted(inside.glob("*/")) if (one / _SETTINGS_FILE).is_file()]
    if lost := [name for name in there if name not in names]:
        raise UserError(
            f"{inside} holds {lost[0]}, which the model's settings do not name; expected what save_model "
            "wrote, or no such folder."
        )
    return [_load(inside / str(name)) for name in names]


def _load(own: Path) -> Wrapper:
    file = own / _SETTINGS_FILE
    try:
        stored = parse_json(file.read_text(encoding="utf-8"))
        kind, settings = stored["kind"], stored["settings"]
        tensors = load_file(own / _TENSORS_FILE) if (own / _TENSORS_FILE).is_file() else {}
        return WRAPPERS.get(str(kind)).of_parts(WrapperParts(settings, tensors))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, SafetensorError) as error:
        raise UserError(
            f"{own} cannot be read ({first_line(error)}); expected a wrapper as save_model wrote it."
        ) from error
