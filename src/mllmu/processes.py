"""Processes that were started together to do one thing, as by ``torchrun`` or ``accelerate launch``.

Each has a rank; the one with rank 0 speaks and writes for all. Alone, a process has rank 0 of one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from mllmu.errors import UserError

if TYPE_CHECKING:
    import torch

T = TypeVar("T")

_PATIENCE = timedelta(days=1)
"""How long a process waits for the others: what the first does alone may take hours."""
_FSDP, _DEEPSPEED = "ACCELERATE_USE_FSDP", "ACCELERATE_USE_DEEPSPEED"
_OURS = "MLLMU_USE_FSDP"
"""What the first becomes, once processes have met."""


class PeerEndedError(UserError):
    """Another of the processes has ended, so that this one waits in vain; the other one says why."""


def process_count() -> int:
    """How many were started together; 1 for a process that was started alone."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def process_rank() -> int:
    """The number of this process among them, from 0."""
    return int(os.environ.get("RANK", "0"))


def is_main_process() -> bool:
    """Whether this is the process that writes results (rank 0); true if there is only one.

    Example:
        >>> is_main_process()  # without torchrun
        True
    """
    return process_rank() == 0


def join_processes(device: torch.device) -> None:
    """Meet the other processes, each on its device, before the work begins; alone, there is nobody to meet.

    Raises:
        UserError: they were started for a way of dividing models that no training here takes part in.
    """
    if process_count() == 1:
        return
    if _is_set(_DEEPSPEED):
        raise UserError(
            "The processes were started for DeepSpeed, which mllmu does not know; expected accelerate launch "
            "with --multi_gpu or --use_fsdp --fsdp_version 2, or torchrun."
        )
    if _is_set(_FSDP):
        version = os.environ.get("FSDP_VERSION", "1")
        if version != "2":
            raise UserError(
                f"The processes were started for version {version} of FSDP; expected version 2, as by "
                "accelerate launch --use_fsdp --fsdp_version 2."
            )
        # Libraries that read it would load weights in the first process only, and shard them themselves.
        del os.environ[_FSDP]
        os.environ[_OURS] = "true"
    from accelerate import PartialState

    with peers():
        PartialState(cpu=device.type == "cpu", timeout=_PATIENCE)


def were_started_for_fsdp() -> bool:
    """Whether each of several processes is to hold a piece of what is trained, and not all of it."""
    return process_count() > 1 and (_is_set(_FSDP) or _is_set(_OURS))


def _is_set(variable: str) -> bool:
    return os.environ.get(variable, "").lower() in ("1", "true")


def from_main(make: Callable[[], T]) -> T:
    """What the first process makes, in each of them; all have to call it, and the others make nothing."""
    if process_count() == 1:
        return make()
    import torch.distributed as dist

    _join()
    sent: list[Any] = [make() if is_main_process() else None]
    with peers():
        dist.broadcast_object_list(sent, src=0)
    shared: T = sent[0]
    return shared


def from_each(value: T) -> list[T]:
    """The values of all processes by rank, in each of them; all have to call it."""
    if process_count() == 1:
        return [value]
    import torch.distributed as dist

    _join()
    values: list[Any] = [None] * process_count()
    with peers():
        dist.all_gather_object(values, value)
    return values


def add_up(tensor: torch.Tensor) -> None:
    """Replace a tensor by its sum over all processes, bit for bit the same in each; all have to call it."""
    if process_count() > 1:
        import torch.distributed as dist

        _join()
        with peers():
            dist.all_reduce(tensor)


def wait_for_all() -> None:
    """Go on when all processes have come here."""
    from_each(None)


def _join() -> None:
    """Meet the others where no command has done so yet: on GPUs if there are any."""
    import torch

    if not torch.distributed.is_initialized():
        on_gpu = torch.cuda.is_available() and os.environ.get("ACCELERATE_USE_CPU", "").lower() != "true"
        join_processes(torch.device("cuda" if on_gpu else "cpu"))


@contextmanager
def peers() -> Iterator[None]:
    """Tell the end of another process, which libraries tell as a broken connection, from other errors."""
    import torch

    try:
        yield
    except RuntimeError as error:
        if isinstance(error, torch.distributed.DistError) or "peer" in str(error) or "closed" in str(error):
            raise PeerEndedError(
                f"Process {process_rank()} lost touch with another one of {process_count()}; expected all of "
                "them to work until the end."
            ) from error
        raise
