"""Which methods can train a model of which every process holds a piece (FSDP)."""

from __future__ import annotations

from mllmu.training import OptimizationSettings
from mllmu.training.sharding.shardable import require_whole
from mllmu.unlearning.method import Method
from mllmu.unlearning.need import Frozen
from mllmu.unlearning.trained_method import TrainedMethod
from mllmu.unlearning.unlearning_settings import UnlearningSettings


def require_shardable_method(method: Method) -> None:
    """Refuse a method that is more than a loss of predictions where no process has all weights.

    Those of the frozen model are no matter, and neither is a method that does not train. Hidden states are:
    two processes that trained RMU came to wait for each other for ever, and why was not found.

    Raises:
        UserError: the method or a setting of it is, and the processes were started for FSDP.
    """
    settings = method.settings
    if not isinstance(settings, OptimizationSettings):
        return
    is_loss = (
        isinstance(method, TrainedMethod)
        and type(method).apply is TrainedMethod.apply
        and type(method).prepare is TrainedMethod.prepare
        and all(need.frozen is not Frozen.STATES for need in method.needs())
    )
    if not is_loss:
        require_whole(f"method '{method.name}'")
    if isinstance(settings, UnlearningSettings):
        if settings.l1 > 0:
            require_whole(f"the setting 'l1' of method '{method.name}'")
        if settings.sine_projector:
            require_whole(f"the setting 'sine_projector' of method '{method.name}'")
