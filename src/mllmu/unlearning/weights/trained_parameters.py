"""Which parameters a training on pairs changes."""

from __future__ import annotations

from torch import nn

from mllmu.models import module_map
from mllmu.training.trainability import learned_parameters
from mllmu.unlearning.unlearning_settings import UnlearningSettings
from mllmu.unlearning.weights.sine_projector import projector_matrices


def trained_parameters(model: nn.Module, settings: UnlearningSettings) -> frozenset[str]:
    """Names of the parameters that may differ after ``train_on_pairs``; all others stay as they are."""
    names = learned_parameters(model, settings)
    if not settings.sine_projector:
        return names
    projector = f"{module_map(model).projector}."
    return frozenset(name for name in names if not name.startswith(projector)) | {*projector_matrices(model)}
