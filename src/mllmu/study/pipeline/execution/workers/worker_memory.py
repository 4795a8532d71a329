"""Whether there is memory for so many workers, before any of them starts."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import psutil

from mllmu.errors import UserError
from mllmu.memory_sizes import size_in_words
from mllmu.models import built_in_model
from mllmu.models.storage.model_source import adapters_of
from mllmu.models.storage.stored_digests import weight_files
from mllmu.study.pipeline.execution.stage_store import manifests_beside

_LEAST_MB = 1500.0
"""What a process holds that asks the built-in model about a few dozen people."""
_COPIES = 4
"""Weights, gradients and the optimizer's two moments, where nothing was measured."""


def check_memory(workers: int, run_folder: Path, model: str) -> None:
    """Refuse more workers than there is memory for.

    A worker is taken to need the most that any process needed which made a stage with this model in the run's
    folder or the folders beside it; where there is none, four times the model's weights.

    Args:
        workers: how many there shall be.
        run_folder: the run's.
        model: ``tiny``, a folder, or a hub id.

    Raises:
        UserError: naming how many there is memory for.
    """
    each = max([_least(model), *_peaks(run_folder, model)])
    free = psutil.virtual_memory().available / 2**20
    if workers * each > free:
        raise UserError(
            f"{workers} workers need about {size_in_words(workers * each * 2**20)} of memory, and "
            f"{size_in_words(free * 2**20)} are free; expected at most {max(1, int(free / each))}"
        )


def _least(model: str) -> float:
    adapters, base = adapters_of(model)
    files = {file for part in adapters for file in part.glob("*.safetensors")}
    if not built_in_model(base):
        with suppress(UserError):  # not fetched yet: nothing is known of it
            files |= set(weight_files(base))
    return _LEAST_MB + _COPIES * sum(file.stat().st_size for file in files) / 2**20


def _peaks(run_folder: Path, model: str) -> list[float]:
    """Megabytes that were held at most by the processes that made stages before."""
    peaks = []
    for manifest in manifests_beside(run_folder):
        try:
            if str(manifest["scale"]).startswith(f"{model} on "):
                peaks.append(float(manifest["peak_memory_mb"]))
        except (ValueError, KeyError, TypeError):
            continue  # of an older version: it says nothing about memory
    return peaks
