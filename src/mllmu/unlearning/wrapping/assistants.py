"""Methods that add a small assistant's logits to a model's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from mllmu.errors import UserError
from mllmu.training.rounded_products import rounded_up
from mllmu.unlearning.method import Job
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from mllmu.models import LoadedModel
    from mllmu.models.wrappers import LogitAssistants


class AssistantSettings(UnlearningSettings):
    """Settings of methods with assistants.

    Attributes:
        depth: share of the decoder's layers that an assistant has, at least one.
        weight: by how much its logits count.
    """

    depth: float = Field(default=0.25, gt=0, le=1)
    weight: float = Field(default=1.0, gt=0)


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
        UserError: if something to forget or to retain is lacking, a setting is for the model's weights, or
            there are assistants around the model.
    """
    from mllmu.models import module_map
    from mllmu.models.wrappers import LogitAssistants
    from mllmu.unlearning.wrapping.added_parameters import refuse_settings

    if not job.forget or not job.retain:
        raise UserError(
            f"{who} got {len(job.forget)} questions to forget and {len(job.retain)} to retain; expected at "
            "least one of each."
        )
    of_weights = (
        "lora",
        "decouple",
        "train_vision",
        "train_projector",
        "sine_projector",
        "gradient_checkpointing",
        "frozen_weights",
    )
    refuse_settings(settings, of_weights, who)
    if any(isinstance(one, LogitAssistants) for one in job.loaded.wrappers):
        raise UserError(f"{who} got a model that has assistants already; expected one without.")
    layers = rounded_up(settings.depth, len(module_map(job.loaded.model).layers))
    wrapper = LogitAssistants(layers, [sign * settings.weight for sign in signs], floor)
    return job.loaded.with_wrapper(wrapper), wrapper
