"""Offset unlearning: what a small assistant unlearned is added to the model's logits."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from pydantic import Field

from mllmu.unlearning.forget_request import ForgetRequest
from mllmu.unlearning.method import Job
from mllmu.unlearning.methods.npo import NPO, NPOSettings
from mllmu.unlearning.wrapping.assistants import (
    AssistantSettings,
    detached_on_failure,
    held_assistants,
    with_assistants,
)
from mllmu.unlearning.wrapping.inference_method import InferenceMethod

if TYPE_CHECKING:
    from mllmu.models import LoadedModel
    from mllmu.training.memory_estimate import HeldWeights


class OffsetSettings(AssistantSettings, NPOSettings):
    """Settings of offset unlearning.

    Attributes:
        alpha: weight of retaining.
    """

    alpha: float = Field(default=1.0, ge=0)


class Offset(InferenceMethod):
    """z = z0 + w (z_a' - z_a), with a' trained from a by NPO + alpha CE(r) on z (arXiv 2404.11045).

    Both assistants begin as the first quarter of the decoder, so that nothing is added before the training;
    a stays as it is, and nothing of the model learns.
    """

    name = "offset"
    title = "Offset"
    description = "adds the difference between a small assistant that unlearned and the same before that"
    source = "arXiv 2404.11045, section 3"
    fidelity = "adapted"
    deviations = (
        "The assistants are the model's own first layers, not a smaller model of its family. The loss is NPO "
        "with a retain term, one of several that serve."
    )
    requires = "questions about people to retain"
    settings_type = OffsetSettings
    search_space = NPO.search_space
    settings: OffsetSettings

    def require(self, request: ForgetRequest) -> None:
        """Refuse a request without questions to forget and to retain."""
        self.require_questions(request, "forget", "retain")

    def apply(self, job: Job) -> LoadedModel:
        """The same weights with two assistants beside them; the model is changed in place.

        Raises:
            UserError: if something to forget or to retain is lacking, or the training diverges.
        """
        from mllmu.unlearning.pairing.pair_trainer import Prepared
        from mllmu.unlearning.pairing.pair_training import train_on_pairs
        from mllmu.unlearning.wrapping.added_parameters import only_added

        settings, who, npo = self.settings, f"Method '{self.name}'", NPO(self.settings)
        loaded, assistants = with_assistants(job, settings, [1, -1], None, who)
        learns = partial(only_added, assistants.stacks[0])
        work = replace(job, loaded=loaded)
        with detached_on_failure(assistants):
            prepared = Prepared(npo.loss)
            train_on_pairs(work, settings, npo.needs(), lambda learner: prepared, who, learns=learns)
        return loaded

    def holds(self, loaded: LoadedModel) -> HeldWeights:
        """Two assistants, one of which learns."""
        return held_assistants(loaded, self.settings, 2)
