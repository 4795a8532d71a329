"""Unlearning from logit difference: an assistant learns what is to be forgotten, and is subtracted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from mllmu.unlearning.forget_request import ForgetRequest
from mllmu.unlearning.forget_tokens import ForgetTokens
from mllmu.unlearning.losses.uniform_divergence import uniform_divergence
from mllmu.unlearning.method import Job
from mllmu.unlearning.need import Need
from mllmu.unlearning.search_space import SearchRange
from mllmu.unlearning.wrapping.assistants import (
    AssistantSettings,
    detached_on_failure,
    held_assistants,
    with_assistants,
)
from mllmu.unlearning.wrapping.inference_method import InferenceMethod

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.models import LoadedModel
    from mllmu.training.memory_estimate import HeldWeights
    from mllmu.unlearning.pairing.step import Step


class LogitDifferenceSettings(AssistantSettings):
    """Settings of ULD.

    Attributes:
        retain_weight: weight of being uniform on the retain half.
        floor: share of the likeliest token's probability below which a token is left as it is.
        forget_tokens: the assistant remembers whole answers.
    """

    retain_weight: float = Field(default=5.0, ge=0)
    floor: float = Field(default=0.1, gt=0, lt=1)
    forget_tokens: ForgetTokens = "answer"
    passes: float = Field(default=10.0, gt=0, le=1000)


class LogitDifference(InferenceMethod):
    """z = z0 - w z_a, with z_a of an assistant trained on CE(f) + c KL(uniform || p) on r (arXiv 2406.08607).

    The assistant is the first quarter of the decoder with the model's own output layer. It is heard where
    log p0 >= max log p0 + log 0.1.
    """

    name = "uld"
    title = "ULD"
    description = "takes off the logits of a small assistant that was taught what is to be forgotten"
    source = "arXiv 2406.08607, section 3, and its code"
    fidelity = "adapted"
    deviations = (
        "The assistant is trained whole, not by LoRA, on answer tokens alone and without paraphrased data. "
        "Its mean logit is taken off, so that a uniform one changes nothing. The floor that the code takes "
        "from a quantile of the vocabulary is not used."
    )
    requires = "questions about people to retain"
    settings_type = LogitDifferenceSettings
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "learning_rate": SearchRange(1e-4, 1e-2),
        "weight": SearchRange(0.3, 10.0),
    }
    settings: LogitDifferenceSettings

    def require(self, request: ForgetRequest) -> None:
        """Refuse a request without questions to forget and to retain."""
        self.require_questions(request, "forget", "retain")

    def apply(self, job: Job) -> LoadedModel:
        """The same weights with an assistant beside them, which is trained; the model is changed in place.

        Raises:
            UserError: if something to forget or to retain is lacking, or the training diverges.
        """
        from mllmu.unlearning.pairing.pair_trainer import Prepared
        from mllmu.unlearning.pairing.pair_training import train_on_pairs
        from mllmu.unlearning.wrapping.added_parameters import only_added, watched_within

        settings, who = self.settings, f"Method '{self.name}'"
        loaded, assistants = with_assistants(job, settings, [-1], math.log(settings.floor), who)
        learns = partial(only_added, assistants.stacks)
        watch = watched_within(job.watch, partial(assistants.heard, alone=False))
        with detached_on_failure(assistants), assistants.heard(alone=True):
            work = replace(job, loaded=loaded, watch=watch)
            train_on_pairs(
                work,
                settings,
                frozenset({Need.RETAIN}),
                lambda learner: Prepared(self.loss),
                who,
                learns=learns,
            )
        return loaded

    def loss(self, step: Step) -> Tensor:
        """What the assistant is to minimise: remember the forget half, and be uniform on the retain half."""
        retain = step.retain
        unsure = uniform_divergence(retain.answers.all_log_probs(), retain.tokens)
        return step.forget.nll + self.settings.retain_weight * unsure

    def holds(self, loaded: LoadedModel) -> HeldWeights:
        """One assistant, which learns."""
        return held_assistants(loaded, self.settings, 1)
