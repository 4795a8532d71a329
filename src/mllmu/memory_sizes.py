"""How much memory there is, and sizes of memory in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

_MIB, _GIB = 2**20, 2**30


def size_in_words(size: float) -> str:
    """Bytes as people say them: ``size_in_words(3 * 2**30) == "3.0 GiB"``."""
    if size < _GIB:
        return f"{size / _MIB:.0f} MiB" if size >= _MIB else "under 1 MiB"
    return f"{size / _GIB:.1f} GiB"


def free_gpu_memory(device: torch.device | int) -> int:
    """Bytes of a GPU that this process can still have.

    What the device calls used includes what PyTorch keeps of tensors that are gone, and gives out again.
    """
    import torch

    unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return torch.cuda.mem_get_info(device)[0] + unused
