"""The number format that a training computes in: float32 or bfloat16."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch

from mllmu.training.settings import Precision


def computes_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 is native on a device; elsewhere it is emulated and slower than float32."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "cpu":
        return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return False


def uses_bfloat16(precision: Precision, device: torch.device) -> bool:
    """Whether a precision means bfloat16 on a device."""
    return precision == "bfloat16" or (precision == "auto" and computes_bfloat16(device))


def autocast(precision: Precision, device: torch.device) -> AbstractContextManager[object]:
    """The context in which forward passes run; weights, sums and losses stay as they are."""
    if uses_bfloat16(precision, device):
        return torch.autocast(device.type, dtype=torch.bfloat16)
    return nullcontext()
