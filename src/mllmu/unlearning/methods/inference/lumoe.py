"""One adapter for each request, taught to refuse, that a router switches on for the people of the request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from mllmu.training import LoraSettings
from mllmu.unlearning.forget_request import ForgetRequest
from mllmu.unlearning.method import Job
from mllmu.unlearning.search_space import SearchRange
from mllmu.unlearning.wrapping.added_settings import AddedSettings
from mllmu.unlearning.wrapping.inference_method import InferenceMethod
from mllmu.unlearning.wrapping.recognition import RecognitionSettings, recogniser, require_recognisable

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.models import LoadedModel
    from mllmu.training.memory_estimate import HeldWeights
    from mllmu.unlearning.pairing.step import Step


class LUMoESettings(AddedSettings, RecognitionSettings):
    """Settings of LUMoE.

    Attributes:
        lora: the adapter.
        l1: must be 0, as the adapter is all that there is of it.
        forget_tokens: of a refusal all is learned.
    """

    learning_rate: float = Field(default=1e-4, gt=0, lt=1)
    passes: float = Field(default=3.0, gt=0, le=1000)
    lora: LoraSettings = LoraSettings(r=16, alpha=32, dropout=0.05)
    l1: float = Field(default=0.0, ge=0, le=0)
    forget_tokens: Literal["answer"] = "answer"


class LUMoE(InferenceMethod):
    """CE(f with refusals) through an adapter that is on where its people are recognised (arXiv 2606.12809).

    Without a match the model answers as it did. Applied once more to its result it serves a second request
    with a second adapter.
    """

    name = "lumoe"
    title = "LUMoE"
    description = "an adapter taught to refuse, switched on where a person to forget is named or recognised"
    source = "arXiv 2606.12809 and its code"
    fidelity = "adapted"
    deviations = (
        "The router matches names, and faces by the model's own picture features; the paper's asks a "
        "vision-language model, its code matches names. The adapter is on the decoder's linear layers, and "
        "learns without a retain term."
    )
    requires = "names for questions by name; portraits of people to retain for questions with faces"
    settings_type = LUMoESettings
    search_space: ClassVar[Mapping[str, SearchRange]] = {"learning_rate": SearchRange(3e-5, 1e-2)}
    settings: LUMoESettings

    def require(self, request: ForgetRequest) -> None:
        """Refuse a request without questions to forget, or anything to recognise people by."""
        self.require_questions(request, "forget")
        require_recognisable(request, f"Method '{self.name}'")

    def apply(self, job: Job) -> LoadedModel:
        """The same weights with an adapter beside them, which is trained; the model is changed in place.

        Raises:
            UserError: if there is nothing to recognise anybody by, or the training diverges.
        """
        from mllmu.models.wrappers import RoutedAdapter
        from mllmu.training.seeds import part_seed
        from mllmu.unlearning.halves.other_answers import refusals
        from mllmu.unlearning.pairing.pair_trainer import Prepared
        from mllmu.unlearning.pairing.pair_training import train_on_pairs
        from mllmu.unlearning.wrapping.added_parameters import only_added, watched_within

        settings, who = self.settings, f"Method '{self.name}'"
        recognises, model = recogniser(job, settings), job.loaded.model
        seed, lora = part_seed(job.seed, "adapters"), settings.lora
        adapter = RoutedAdapter.fresh(recognises, model, lora.r, lora.alpha, lora.dropout, seed)
        loaded = job.loaded.with_wrapper(adapter)
        watch = watched_within(job.watch, partial(adapter.switched, False))
        work = replace(job, loaded=loaded, forget=refusals(job.forget, job.seed), watch=watch)
        with adapter.switched_on():
            learns = partial(only_added, adapter.weights)
            train_on_pairs(
                work, settings, frozenset(), lambda learner: Prepared(self.loss), who, learns=learns
            )
        return loaded

    def loss(self, step: Step) -> Tensor:
        """Cross-entropy of the refusals."""
        return step.forget.nll

    def holds(self, loaded: LoadedModel) -> HeldWeights:
        """The adapter, which alone learns."""
        from mllmu.models import module_map
        from mllmu.training.memory_estimate import HeldWeights, low_rank_weights

        linear = module_map(loaded.model).linear
        return HeldWeights(low_rank_weights(loaded.model, linear, self.settings.lora.r))
