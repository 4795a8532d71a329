"""What tells stored models apart: digests of the weights in their files, whatever type they are loaded as."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import torch

from mllmu.errors import UserError, first_line
from mllmu.json_text import parse_json
from mllmu.models.storage.model_fingerprints import tensors_fingerprint
from mllmu.models.storage.model_source import ADAPTER_CONFIG, ADAPTER_WEIGHTS, BASE_KEY, holds_whole_model

Stamp = tuple[Path, int, int]
"""A file with its size and the time of its last change in nanoseconds: other bytes show in them."""


def model_digest(location: str) -> str:
    """SHA-256 over the weights in a whole model's files, however many these are; read once per process.

    Args:
        location: a folder, or the hub id of a model that lies in the hub's cache.

    Raises:
        UserError: if it has no safetensors, or they are damaged.
    """
    return _files_digest(model_stamps(location), "")


def model_stamps(location: str) -> tuple[Stamp, ...]:
    """What tells whether the files that `model_digest` reads have changed, and costs no reading."""
    return tuple(_stamp(file) for file in weight_files(location))


def adapter_digest(folder: Path, below: str) -> str:
    """SHA-256 over an adapter's weights and settings, and over what it stands on.

    Args:
        folder: an adapter as PEFT saves it. Where its base lies does not count.
        below: the digest of its base.

    Raises:
        UserError: if its files are damaged.
    """
    try:
        config = parse_json((folder / ADAPTER_CONFIG).read_text(encoding="utf-8"))
        settings = {name: value for name, value in config.items() if name != BASE_KEY}
    except (OSError, ValueError, AttributeError) as error:
        raise _unreadable(folder, error) from error
    extra = f"{below} {json.dumps(settings, sort_keys=True)}"
    return _files_digest((_stamp(folder / ADAPTER_WEIGHTS),), extra)


def own_digest(location: str) -> str:
    """SHA-256 over the weights that lie in a folder or hub id itself: those of an adapter, without its base.

    Raises:
        UserError: if they are not there, or damaged.
    """
    folder = Path(location)
    is_adapter = (folder / ADAPTER_CONFIG).is_file() and not holds_whole_model(folder)
    return adapter_digest(folder, "") if is_adapter else model_digest(location)


def adapter_stamps(folder: Path) -> tuple[Stamp, ...]:
    """What tells whether the files that `adapter_digest` reads have changed, and costs no reading."""
    return _stamp(folder / ADAPTER_CONFIG), _stamp(folder / ADAPTER_WEIGHTS)


def weight_files(location: str) -> list[Path]:
    """The files in which a whole model's weights lie, where they are on this machine.

    Args:
        location: as for `model_digest`.

    Raises:
        UserError: if it has no safetensors, or not all of them.
    """
    from transformers.utils import SAFE_WEIGHTS_INDEX_NAME, SAFE_WEIGHTS_NAME

    # In the order in which transformers looks for them.
    if (single := _file(location, SAFE_WEIGHTS_NAME)) is not None:
        return [single]
    index = _file(location, SAFE_WEIGHTS_INDEX_NAME)
    try:
        read = {} if index is None else parse_json(index.read_text(encoding="utf-8"))["weight_map"]
        names = set(read.values())
        files = [file for name in sorted(names) if (file := _file(location, name)) is not None]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(location, error) from error
    if not files or len(files) < len(names):
        raise UserError(f"Not all weights of {location} are there; expected safetensors that hold them.")
    return files


@cache
def _files_digest(files: tuple[Stamp, ...], extra: str) -> str:
    return tensors_fingerprint(_tensors([path for path, _, _ in files]), extra)


def _tensors(files: list[Path]) -> Iterator[tuple[str, torch.Tensor]]:
    """All tensors of some files, one after the other by name, so that nothing depends on how they are cut."""
    from safetensors import SafetensorError, safe_open

    try:
        with ExitStack() as stack:
            opened = [stack.enter_context(safe_open(file, framework="pt")) for file in files]
            names = {name: file for file in opened for name in file.keys()}  # noqa: SIM118  # it is no dictionary
            for name in sorted(names):
                yield name, names[name].get_tensor(name)
    except (OSError, SafetensorError) as error:
        raise _unreadable(files[0].parent, error) from error


def _file(location: str, name: str) -> Path | None:
    """A file of a folder, or of a hub's model in the cache."""
    from transformers.utils import cached_file

    try:
        path = cached_file(location, name, local_files_only=True)
    except (OSError, ValueError):
        return None
    return None if path is None else Path(path)


def _stamp(file: Path) -> Stamp:
    state = file.stat()
    return file.resolve(), state.st_size, state.st_mtime_ns


def _unreadable(location: str | Path, error: Exception) -> UserError:
    return UserError(f"Weights in {location} cannot be read ({first_line(error)}); expected safetensors.")
