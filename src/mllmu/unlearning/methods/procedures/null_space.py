"""Null-space projection (VL-Eraser): distils what is to be forgotten into adapters, and subtracts these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from mllmu.errors import UserError
from mllmu.unlearning.forget_request import ForgetRequest
from mllmu.unlearning.method import Job, Method
from mllmu.unlearning.search_space import SearchRange
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.models import LoadedModel
    from mllmu.training import Sample
    from mllmu.training.memory_estimate import HeldWeights
    from mllmu.unlearning.pairing.step import Step


class NullSpaceSettings(UnlearningSettings):
    """Settings of null-space projection; those of training are of the distillation.

    Attributes:
        rank: of the adapters.
        balance: lambda, weight of the distillation; that of the answers is 1 - lambda.
        lora: must be null; the method has adapters of its own.
        decouple: must be 0, as what is learned is taken away.
        l1: must be 0, as adapters learn, not the weights.
        train_projector: must be false, as the projector does not learn.
        sine_projector: must be false likewise.
        train_vision: must be false, as the tower does not learn.
    """

    rank: int = Field(default=16, ge=1)
    balance: float = Field(default=0.5, ge=0, le=1)
    lora: None = None
    decouple: float = Field(default=0.0, ge=0, le=0)
    l1: float = Field(default=0.0, ge=0, le=0)
    train_projector: Literal[False] = False
    sine_projector: Literal[False] = False
    train_vision: Literal[False] = False


class NullSpace(Method):
    """W - B A P on each linear layer of the decoder's MLPs (VL-Eraser, CVPR 2026).

    A and B minimise lambda mean(1 - cos(W h, B A P h)) + (1 - lambda) CE(f), h what the layer reads at answer
    tokens and CE of the model with W + B A P. P projects onto the null space of the retain pictures: of what
    the layer reads at their tokens, averaged over these.
    """

    name = "null_space"
    title = "Null space"
    description = "subtracts adapters that learned the forget questions, blind to the retain pictures"
    kind = "procedure"
    source = "VL-Eraser, CVPR 2026"
    fidelity = "adapted"
    deviations = (
        "From a summary of the paper, which does not say of which model CE is: here, of that with adapters "
        "added; MLPs are the decoder's, each of whose linear layers is a W; distilled is at answer tokens."
    )
    requires = "pictures of those to retain"
    settings_type = NullSpaceSettings
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "learning_rate": SearchRange(1e-4, 1e-2),
        "passes": SearchRange(2.0, 14.0),
    }
    settings: NullSpaceSettings

    def require(self, request: ForgetRequest) -> None:
        """Refuse a request without forget questions, or without a picture to retain."""
        self.require_questions(request, "forget")
        if not self._pictures(request):
            raise UserError(f"Method '{self.name}' got no picture to retain; expected at least one.")

    def apply(self, job: Job) -> LoadedModel:
        """Train the adapters, then subtract them, in place.

        Raises:
            UserError: if pictures have no tokens or leave no direction, or the training diverges.
        """
        import torch

        from mllmu.training.seeds import part_seed
        from mllmu.training.trainability import trainable
        from mllmu.unlearning.pairing.pair_trainer import Prepared
        from mllmu.unlearning.pairing.pair_training import train_on_pairs
        from mllmu.unlearning.weights.blind_adapters import blind_adapters, distillation_gaps

        what, settings, model = f"Method '{self.name}'", self.settings, job.loaded.model
        if job.loaded.encoder.has_cross_attention:
            raise UserError(
                f"{what} needs a model whose pictures are tokens of the prompt; "
                f"{job.loaded.source} looks at them by cross-attention."
            )
        seed = part_seed(job.seed, "adapters")
        with (
            blind_adapters(model, self._directions(job), settings.rank, seed) as adapters,
            distillation_gaps(model, adapters) as gaps,
        ):

            def prepare(learner: Any) -> Prepared:
                for adapter in adapters.values():
                    adapter.requires_grad_(True)
                return Prepared(loss)

            def loss(step: Step) -> Tensor:
                answers = step.forget.nll  # runs the model, which leaves the gaps
                of_layers = torch.stack(list(gaps.values())).mean(dim=0)
                gap = step.forget.answers.of_answers(of_layers).sum() / step.forget.tokens
                step.tell(gap=gap)
                return settings.balance * gap + (1 - settings.balance) * answers

            # Unwatched: on the way, the model knows more than before.
            unwatched, nothing = replace(job, watch=None), partial(trainable, only=())
            train_on_pairs(unwatched, settings, frozenset(), prepare, what, learns=nothing)
        return job.loaded

    def changes(self, loaded: LoadedModel) -> frozenset[str]:
        """The weights of the decoder's MLPs."""
        return frozenset(f"{name}.weight" for name in self._layers(loaded))

    def holds(self, loaded: LoadedModel) -> HeldWeights:
        """Adapters learn, each with its layer's weight as it is with it."""
        from mllmu.training.memory_estimate import HeldWeights, low_rank_weights

        learned = low_rank_weights(loaded.model, self._layers(loaded), self.settings.rank)
        return HeldWeights(learned, beside=self.changed_weights(loaded))

    def _layers(self, loaded: LoadedModel) -> list[str]:
        from mllmu.unlearning.neurons.mlp_neurons import language_mlps

        return [name for mlp in language_mlps(loaded.model) for name in (*mlp.inputs, mlp.output)]

    def _directions(self, job: Job) -> dict[str, Tensor]:
        """What the adapters are blind to: what layers read at the retain pictures, one question each."""
        from mllmu.unlearning.neurons.activations import picture_inputs
        from mllmu.unlearning.weights.blind_adapters import directions_of

        how = (self._layers(job.loaded), self.settings.batch_size, job.progress)
        features = picture_inputs(job.loaded, self._pictures(job), *how)
        return {name: directions_of(each) for name, each in features.items()}

    def _pictures(self, request: ForgetRequest) -> list[Sample]:
        """One question about each picture to retain."""
        retain = request.retain if any(one.image for one in request.retain) else request.both_forms()[1]
        return list({sample.image: sample for sample in retain if sample.image}.values())
