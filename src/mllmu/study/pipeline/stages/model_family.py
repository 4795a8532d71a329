"""Loading the models of a study, all descended from one base."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import torch

from mllmu.inference import configuration
from mllmu.inference.in_memory.model_cache_key import foreign_wrappers
from mllmu.models import LoadedModel, load_model, processor_fingerprint, store_model
from mllmu.processes import is_main_process
from mllmu.study.pipeline.execution.stage_store import Made


class ModelFamily:
    """Loads a base model and its descendants, which share one preprocessed copy of every image.

    Args:
        base: ``tiny``, a folder, or a hub id.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.

    Raises:
        UserError: if there is no such model or device.
    """

    def __init__(self, base: str, device: str) -> None:
        loaded = load_model(base, device)
        self.base = base
        settings = json.dumps(configuration(loaded), sort_keys=True, default=str)
        digest = sha256(settings.encode()).hexdigest()
        self.fingerprint = f"{loaded.fingerprint} {processor_fingerprint(loaded.processor)} {digest}"
        self.device = loaded.device.type
        self._wanted_device = device
        self._encoder = loaded.encoder

    def load(self, source: str | Path, dtype: torch.dtype | None = None) -> LoadedModel:
        """Load the base or a descendant afresh; training one copy leaves the others alone.

        Args:
            source: as for `load_model`.
            dtype: likewise.
        """
        return replace(load_model(source, self._wanted_device, dtype), encoder=self._encoder)


def keep_model(loaded: LoadedModel, folder: Path) -> dict[str, str]:
    """Store a model where `model_folder` finds it, and say what tells its weights from others.

    Of several processes, which have the same weights, the first does so.
    """
    if not is_main_process():
        return {}
    store_model(loaded, model_folder(folder))
    wrappers = foreign_wrappers(loaded)
    return {"fingerprint": loaded.fingerprint, **({"wrappers": " ".join(wrappers)} if wrappers else {})}


def model_identity(made: Made) -> str:
    """What tells a stage's model from others that answer otherwise, as `keep_model` recorded it.

    Its fingerprint, and digests of the code of wrappers from other packages where it has any.
    """
    return " ".join(str(made.facts[name]) for name in ("fingerprint", "wrappers") if name in made.facts)


def model_folder(stage_folder: Path) -> Path:
    """Where a stage keeps the model it made."""
    return stage_folder / "model"
