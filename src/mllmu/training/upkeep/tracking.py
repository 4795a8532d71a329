"""Trackers of experiments, which the trainer's own integrations tell of each step while it is taken."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from mllmu.errors import UserError

if TYPE_CHECKING:
    from transformers import Trainer

PROJECT = "mllmu"
_MODULES = {"tensorboard": ("tensorboard", "tensorboardX"), "wandb": ("wandb",), "trackio": ("trackio",)}
"""What has to be installed for each: one of these."""


@dataclass(frozen=True)
class Tracking:
    """Whom a training tells of its steps besides its own log; that changes nothing of it.

    Attributes:
        trackers: ``tensorboard``, ``wandb`` or ``trackio``; the latter two have a project ``mllmu``.
        folder: in which tensorboard keeps a folder for each training.
        title: what they call the training.
    """

    trackers: tuple[str, ...]
    folder: Path
    title: str = ""

    def of(self, title: str) -> Tracking:
        """The same for one training."""
        return replace(self, title=title)


def require_trackers(names: Sequence[str]) -> None:
    """Refuse a tracker that could not be told of anything, before there is something to tell.

    Raises:
        UserError: its package is not installed.
    """
    for name in names:
        if not any(find_spec(module) for module in _MODULES[name]):
            raise UserError(
                f"Logging to {name} needs the package {name}, which is not installed; "
                f"expected: pip install {name}"
            )


def join_trackers(trainer: Trainer, tracking: Tracking) -> None:
    """Give what the trainer has made for its trackers the names and places that it does not give them."""
    from transformers.integrations import TensorBoardCallback

    os.environ.setdefault("WANDB_PROJECT", PROJECT)
    for callback in trainer.callback_handler.callbacks:
        if isinstance(callback, TensorBoardCallback):
            callback.logging_dir = str(tracking.folder / tracking.title)


def leave_trackers(tracking: Tracking) -> None:
    """End the run of a tracker that would take the next training of this process for the same one."""
    if "wandb" in tracking.trackers:
        import wandb

        wandb.finish()
