"""SMFA: learns to refuse, without the changes that overrule what a few retain questions ask for."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from mllmu.unlearning.forget_request import ForgetRequest
from mllmu.unlearning.method import Job, Method
from mllmu.unlearning.need import Need
from mllmu.unlearning.search_space import SearchRange
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from mllmu.models import LoadedModel
    from mllmu.progress import Progress
    from mllmu.training.memory_estimate import HeldWeights


class SMFASettings(UnlearningSettings):
    """Settings of SMFA; those of training are of both fine-tunings.

    Attributes:
        strength: k; the larger, the fewer changes are taken back.
        anchors: how many retain questions both fine-tunings learn.
        decouple: must be 0; it is an option of losses.
        forget_tokens: must be "answer", as refusals are read whole.
    """

    strength: float = Field(default=5.0, gt=0)
    anchors: int = Field(default=64, ge=1)
    decouple: float = Field(default=0.0, ge=0, le=0)
    forget_tokens: Literal["answer"] = "answer"


class SMFA(Method):
    """theta0 + sculpted(dW_f, dW_a) (arXiv 2511.20196).

    dW_f is what fine-tuning on refusals(f) and a few r adds, dW_a what fine-tuning on the few r alone adds.
    Entries of dW_f with the other sign than dW_a's go to zero where k rho |dW_a| < |dW_f|, rho = ||dW_f|| /
    ||dW_a||.
    """

    name = "smfa"
    title = "SMFA"
    description = "refusals learned, without the changes that overrule a few retain questions"
    kind = "procedure"
    source = "arXiv 2511.20196"
    fidelity = "paper"
    deviations = (
        "Norms are of each weight matrix; entries that the retain questions leave alone stay; the few retain "
        "questions are 64 by default; faces and names are learned in one fine-tuning."
    )
    requires = "retain questions"
    settings_type = SMFASettings
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "learning_rate": SearchRange(3e-5, 3e-3),
        "passes": SearchRange(2.0, 14.0),
        "strength": SearchRange(1.0, 30.0),
    }
    settings: SMFASettings

    def require(self, request: ForgetRequest) -> None:
        """Refuse a request without questions to forget and to retain."""
        self.require_questions(request, "forget", "retain")

    def apply(self, job: Job) -> LoadedModel:
        """Fine-tune twice from the same weights, and combine the differences, in place.

        Raises:
            UserError: if there is nothing to forget or to retain, or a fine-tuning diverges.
        """
        from mllmu.training.seeds import part_seed
        from mllmu.unlearning.pairing.pair_trainer import Prepared
        from mllmu.unlearning.pairing.pair_training import train_on_pairs
        from mllmu.unlearning.weights.sculpting import sculpted
        from mllmu.unlearning.weights.weight_differences import difference_from, float32_weights, set_weights

        what, settings, model = f"Method '{self.name}'", self.settings, job.loaded.model
        rng = random.Random(part_seed(job.seed, "anchors"))
        few = rng.sample(list(job.retain), min(settings.anchors, len(job.retain)))
        # Unwatched: none of the models on the way is the result.
        both, alone = (
            replace(
                job,
                retain=few,
                watch=None,
                progress=_half(job.progress, index),
                upkeep=job.upkeep.part(name),
            )
            for index, name in enumerate(("refusing", "keeping"))
        )
        with float32_weights(model, self.changes(job.loaded)) as start:
            refusing = Prepared(lambda step: step.refusal.nll + step.retain.nll)
            needs = frozenset({Need.REFUSAL, Need.RETAIN})
            train_on_pairs(both, settings, needs, lambda learner: refusing, what)
            forget = difference_from(model, start)
            set_weights(model, start, forget, 0.0)
            keeping = Prepared(lambda step: step.retain.nll)
            train_on_pairs(alone, settings, frozenset({Need.RETAIN}), lambda learner: keeping, what)
            anchor = difference_from(model, start)
            whole = {name: sculpted(forget[name], anchor[name], settings.strength) for name in start}
            set_weights(model, start, whole, 1.0)
        return job.loaded

    def changes(self, loaded: LoadedModel) -> frozenset[str]:
        """What the fine-tunings teach."""
        from mllmu.unlearning.weights.trained_parameters import trained_parameters

        return trained_parameters(loaded.model, self.settings)

    def holds(self, loaded: LoadedModel) -> HeldWeights:
        """Where the weights were, and the differences; those of adapters as whole matrices."""
        from mllmu.unlearning.weights.weight_differences import held_differences

        return held_differences(self.changed_weights(loaded), 2, self.settings.lora is not None)


def _half(progress: Progress | None, index: int) -> Progress | None:
    """The progress of the first or the second of two trainings of equal length."""
    if progress is None:
        return None
    return lambda done, total: progress(index * total + done, 2 * total)
