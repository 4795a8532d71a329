"""Methods that add a small assistant's logits to a model's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from mllmu.errors import UserError
from mllmu.training.rounded_products import rounded_up
from mllmu.unlearning.method import Job
from mllmu.unlearning.wrapping.added_settings import AddedSettings

if TYPE_CHECKING:
    from mllmu.models import LoadedModel
    from mllmu.models.wrappers import LogitAssistants
    from mllmu.training.memory_estimate import HeldWeights


class AssistantSettings(AddedSettings):
    """Settings of methods with assistants.

    Attributes:
        depth: share of the decoder's layers that an assistant has, at least one.
        weight: by how much its logits count.
        lora: must be null, as an assistant is trained whole.
        gradient_checkpointing: must be false, as an assistant runs beside the decoder.
    """

    depth: float = Field(default=0.25, gt=0, le=1)
    weight: float = Field(default=1.0, gt=0)
    lora: None = None
    gradient_checkpointing: Literal[False] = False


def with_assistants(
    job: Job, settings: AssistantSettings, signs: Sequence[int], floor: float | None, who: str
) -> tuple[LoadedModel, LogitAssistants]:
    """The model of a job with assistants that are copies of its first layers so far.

    Args:
        job: what is to be forgotten and retained.
        settings: how large they are, and how much they count.
        signs: one for each assistant, 1 where its logits are added and -1 where they are taken off.
        floor: see `combined_logits`.
        who: who asks for it, as the sentence about a mistake begins.

    Raises:
        UserError: if there are assistants around the model.
    """
    from mllmu.models.wrappers import LogitAssistants

    if LogitAssistants.stand_around(job.loaded.model):
        raise UserError(f"{who} got a model that has assistants already; expected one without.")
    layers = _layers(job.loaded, settings)
    wrapper = LogitAssistants(layers, [sign * settings.weight for sign in signs], floor)
    return job.loaded.with_wrapper(wrapper), wrapper


@contextmanager
def detached_on_failure(assistants: LogitAssistants) -> Iterator[None]:
    """Leaves the model without the assistants if they cannot be trained."""
    try:
        yield
    except BaseException:
        assistants.detach()
        raise


def held_assistants(loaded: LoadedModel, settings: AssistantSettings, count: int) -> HeldWeights:
    """What assistants of a model hold, of which the first learns.

    Args:
        loaded: the model; its weights may be on the meta device.
        settings: how large they are.
        count: how many there are.
    """
    from mllmu.models import module_map
    from mllmu.training.memory_estimate import HeldWeights

    layers = module_map(loaded.model).layers[: _layers(loaded, settings)]
    own = sum(weight.numel() for name in layers for weight in loaded.model.get_submodule(name).parameters())
    return HeldWeights(own, beside=own * (count - 1))


def _layers(loaded: LoadedModel, settings: AssistantSettings) -> int:
    from mllmu.models import module_map

    return rounded_up(settings.depth, len(module_map(loaded.model).layers))
