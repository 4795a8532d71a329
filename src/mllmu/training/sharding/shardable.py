"""What can be trained by processes that were started for FSDP, and what cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllmu.errors import UserError
from mllmu.processes import were_started_for_fsdp
from mllmu.training.settings import OptimizationSettings

if TYPE_CHECKING:
    from mllmu.models import LoadedModel  # with torch, which lists of methods do not have

_OPTIMIZERS = ("adamw_torch_fused", "adamw_torch", "sgd")
"""Those that change each number by itself; others look at whole matrices."""


def require_shardable(settings: OptimizationSettings) -> None:
    """Refuse a training whose weights no processes can share, where they were started to.

    Raises:
        UserError: an optimizer or a number format needs whole matrices, or PyTorch is too old.
    """
    if not were_started_for_fsdp():
        return
    from torch.distributed.fsdp import FSDPModule

    if not hasattr(FSDPModule, "set_reduce_scatter_unused_params"):
        raise UserError(
            "The processes were started for FSDP, and this version of PyTorch cannot shard weights that only "
            "some of them use in a step; expected torch 2.13 or newer, or processes without FSDP."
        )
    if settings.optimizer not in _OPTIMIZERS:
        raise UserError(
            f"The setting 'optimizer' is '{settings.optimizer}', which needs whole matrices, and under FSDP "
            f"each process has a piece of them; expected {', '.join(_OPTIMIZERS)}, or processes without FSDP."
        )
    if settings.frozen_weights is not None:
        raise UserError(
            f"The setting 'frozen_weights' is '{settings.frozen_weights}', and weights of so few bits cannot "
            "be sharded; expected null, or processes without FSDP."
        )


def require_whole(what: str) -> None:
    """Refuse what needs a whole model in the midst of its training, where no process has one.

    Args:
        what: that is, as a sentence begins.

    Raises:
        UserError: the processes were started for FSDP.
    """
    if were_started_for_fsdp():
        raise UserError(
            f"{what[0].upper()}{what[1:]} needs the whole model in the midst of a training, and processes "
            "were started for FSDP, by which each has a piece of it; expected processes without FSDP."
        )


def require_shardable_model(loaded: LoadedModel) -> None:
    """Refuse a model whose processes would run it unequally often.

    Raises:
        UserError: its passes depend on how many pictures a question has.
    """
    if loaded.encoder.has_cross_attention:
        raise UserError(
            "The model reads pictures through cross-attention, and runs questions with and without pictures "
            "apart; under FSDP all processes have to run it equally often. Expected processes without FSDP."
        )
