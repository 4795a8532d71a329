"""What is left of a training that diverged: the model as it was before the step that did."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from mllmu.errors import DivergedError
from mllmu.models import LoadedModel, save_model
from mllmu.processes import is_main_process
from mllmu.training.upkeep.training_upkeep import Upkeep

LAST_GOOD = "last-good"


@contextmanager
def last_good_kept(loaded: LoadedModel, upkeep: Upkeep) -> Iterator[None]:
    """If the training inside diverges, keep the model beside its states, and say where.

    A step that diverges changes no weight, so that the model is as it was before. It loads like any other,
    with adapters merged; whoever looks at it sees how far it got.

    Args:
        loaded: what is trained in place.
        upkeep: of the training; nothing is kept without a folder for states.

    Raises:
        DivergedError: as inside.
    """
    try:
        yield
    except DivergedError as error:
        if upkeep.state_folder is None or not is_main_process() or not _is_finite(loaded):
            raise
        folder = upkeep.state_folder / LAST_GOOD
        shutil.rmtree(folder, ignore_errors=True)
        try:
            save_model(loaded, folder)
        except OSError:  # a full disk should not hide what happened
            shutil.rmtree(folder, ignore_errors=True)
            raise error from None
        raise DivergedError(f"{error} The model as it was before that step is kept in {folder}.") from error


def _is_finite(loaded: LoadedModel) -> bool:
    return all(bool(torch.isfinite(parameter).all()) for parameter in loaded.model.parameters())
