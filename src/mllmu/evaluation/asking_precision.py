"""The number format in which a model is asked: float32 or bfloat16."""

from __future__ import annotations

import logging

import torch

from mllmu.models import usual_dtype
from mllmu.training.precision import computes_bfloat16
from mllmu.training.settings import Precision

_LOG = logging.getLogger(__name__)


def asked_in(precision: Precision, device: torch.device) -> torch.dtype:
    """The type of a model's weights while it is asked.

    "auto" is `usual_dtype`: on a CPU float32, whatever CPU it is, so that answers of different machines can
    be compared.
    """
    if precision == "auto":
        return usual_dtype(device)
    return torch.bfloat16 if precision == "bfloat16" else torch.float32


def precision_name(dtype: torch.dtype) -> str:
    """What settings and reports call a type: ``float32``, ``bfloat16``."""
    return str(dtype).removeprefix("torch.")


def warn_of_emulation(precision: Precision, device: torch.device) -> None:
    """Say so where bfloat16 is asked for and the device has no arithmetic for it."""
    if asked_in(precision, device) == torch.bfloat16 and not computes_bfloat16(device):
        _LOG.warning(
            "Models are asked in bfloat16, for which this %s has no arithmetic: that is slower than float32, "
            "and rounds more.",
            "CPU" if device.type == "cpu" else "GPU",
        )
