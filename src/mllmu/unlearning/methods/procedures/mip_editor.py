"""MIP-Editor: misdirects hidden states by the neurons alone that most influence what is to be forgotten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from mllmu.errors import UserError
from mllmu.unlearning.forget_request import ForgetRequest
from mllmu.unlearning.loss_terms import unit_direction
from mllmu.unlearning.losses import state_distance
from mllmu.unlearning.search_space import SearchRange
from mllmu.unlearning.trained_method import Need, TrainedMethod
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.models import LoadedModel
    from mllmu.training.memory_estimate import HeldWeights
    from mllmu.unlearning.method import Job
    from mllmu.unlearning.neurons.mlp_neurons import Mlp
    from mllmu.unlearning.pairing.pair_trainer import Prepared
    from mllmu.unlearning.pairing.pair_training import Learns
    from mllmu.unlearning.pairing.step import Step


class MIPEditorSettings(UnlearningSettings):
    """Settings of MIP-Editor; the learning rate is the paper's.

    Attributes:
        neurons: how many are chosen per layer and question.
        position: where they are turned on to see their influence: at the "first" token and patch, as in the
            authors' code, or wherever a token of the "answer" is predicted, and at all patches.
        steps: in which they are turned on.
        layer: depth of the decoder layer whose states are misdirected, as a share of the layers; the paper's
            is the seventh of 28.
        steering: length of the states to steer to, in lengths of the frozen model's states.
        alpha: weight of retaining.
        lora: must be null, as rows of weights learn.
        train_projector: must be false, as the projector does not learn.
        sine_projector: must be false likewise.
        train_vision: on by default, for the vision tower's neurons.
    """

    learning_rate: float = Field(default=5e-4, gt=0, lt=1)
    neurons: int = Field(default=5, ge=1)
    position: Literal["first", "answer"] = "first"
    steps: int = Field(default=4, ge=1)
    layer: float = Field(default=0.25, ge=0, le=1)
    steering: float = Field(default=1.0, gt=0)
    alpha: float = Field(default=1.0, ge=0)
    lora: None = None
    train_projector: Literal[False] = False
    sine_projector: Literal[False] = False
    train_vision: bool = True


class MIPEditor(TrainedMethod):
    """RMU on the rows before influential MLP neurons alone (arXiv 2511.06793).

    Influential are, for each forget question and layer, the neurons with the largest integrated gradients by
    name, in the decoder, and the largest integrated squared gradients by sight, in the vision tower. Then
    mean (h(f) - steering |h0(f)| u)^2 + alpha mean (h(r) - h0(r))^2 is minimised by those rows, h the states
    of one layer, u a fixed random direction, with RMU's means.
    """

    name = "mip_editor"
    title = "MIP-Editor"
    description = "misdirects hidden states by the neurons alone that most influence the forget questions"
    kind = "procedure"
    source = "arXiv 2511.06793"
    fidelity = "paper"
    deviations = (
        "Means are over answer tokens, not over all; neurons after the layer whose states are read are not "
        "ranked, as they have no gradient; none is zeroed first (the code does so in memory); the target "
        "adapts to the states' length as in the paper (in the code it does not); by default, influence is "
        "that of the first token, as in the code."
    )
    requires = "retain questions; pictures and names of those to forget; the frozen model's states"
    settings_type = MIPEditorSettings
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        **TrainedMethod.search_space,
        "steering": SearchRange(0.3, 10.0),
    }
    settings: MIPEditorSettings

    def needs(self) -> frozenset[Need]:
        """The frozen model's states of both halves."""
        return frozenset({Need.FORGET_STATES, Need.RETAIN, Need.RETAIN_STATES})

    def state_layer(self, layers: int) -> int:
        """The layer at the chosen depth."""
        return min(layers - 1, int(self.settings.layer * layers))

    def loss(self, step: Step) -> Tensor:
        """Squared distances of the states to a random direction, and to those of the frozen model."""
        settings, forget, retain = self.settings, step.forget, step.retain
        frozen = forget.reference_states
        lengths = settings.steering * frozen.norm(dim=1, keepdim=True)
        wanted = lengths * unit_direction(frozen.shape[1], step.moment.seed).to(frozen)
        led = state_distance(forget.states, wanted, forget.input_mask, forget.samples)
        held = state_distance(retain.states, retain.reference_states, retain.input_mask, retain.samples)
        step.tell(forget_distance=led, retain_distance=held)
        return led + settings.alpha * held

    def learns(self, loaded: LoadedModel) -> Learns:
        """Lets none but the weights whose rows may be chosen learn: all others keep their number format."""
        from mllmu.training.trainability import trainable

        return partial(trainable, only=self.changes(loaded))

    def require(self, request: ForgetRequest) -> None:
        """Refuse a request without retain questions, or without one of the forms of forget questions."""
        from mllmu.unlearning.question_forms import by_sight_and_by_name

        super().require(request)
        by_sight_and_by_name(request.both_forms()[0], f"Method '{self.name}'")

    def prepare(self, job: Job, learner: Any) -> Prepared:
        """Choose the neurons, and let nothing learn but the rows before them.

        Raises:
            UserError: if no neuron of a part has any influence.
        """
        from mllmu.unlearning.forget_tokens import token_choice
        from mllmu.unlearning.neurons.influential_neurons import influential_by_name, influential_by_sight
        from mllmu.unlearning.pairing.pair_trainer import Prepared
        from mllmu.unlearning.question_forms import by_sight_and_by_name
        from mllmu.unlearning.weights.masked_training import MaskedUpdates

        settings, loaded = self.settings, job.loaded
        loaded.model.eval()
        shown, named = by_sight_and_by_name(job.both_forms()[0], f"Method '{self.name}'")
        choice = token_choice(settings.forget_tokens)
        how = (settings.position, settings.steps, settings.neurons, settings.precision, job.progress)
        language, vision = self._mlps(loaded)
        by_name = influential_by_name(loaded, named, choice, language, *how)
        by_sight = influential_by_sight(loaded, shown, choice, vision, *how)
        self._require_neurons("decoder", by_name)
        self._require_neurons("vision tower", by_sight)
        chosen = zip((*language, *vision), (*by_name, *by_sight), strict=True)
        masks = dict(mask for mlp, neurons in chosen for mask in mlp.row_masks(loaded.model, neurons))
        return Prepared(self.loss, [MaskedUpdates(learner, masks)])

    def _require_neurons(self, part: str, chosen: Sequence[Tensor]) -> None:
        """Refuse to go on with the other part alone where none of one has any influence."""
        if chosen and not any(len(neurons) for neurons in chosen):
            raise UserError(
                f"Method '{self.name}' chose no neuron of the {part}: none has any influence where "
                f"'position' {self.settings.position} turns it on; expected another 'position', or "
                "'train_vision' false."
            )

    def changes(self, loaded: LoadedModel) -> frozenset[str]:
        """Rows of the weights before MLP neurons, up to the layer whose states are read."""
        return frozenset(
            name
            for mlps in self._mlps(loaded)
            for mlp in mlps
            for name in (f"{layer}.weight" for layer in mlp.inputs)
        )

    def holds(self, loaded: LoadedModel) -> HeldWeights:
        """Learning is left to the weights before neurons, with masks and where those were that stay."""
        more = super().holds(loaded)
        return replace(more, learned=self.changed_weights(loaded), per_learned=more.per_learned + 1.0)

    def _mlps(self, loaded: LoadedModel) -> tuple[list[Mlp], list[Mlp]]:
        from mllmu.models.model_parts import cross_attention_layers, layer_of_every_input
        from mllmu.unlearning.neurons.mlp_neurons import language_mlps, vision_mlps

        model, language = loaded.model, language_mlps(loaded.model)
        last = layer_of_every_input(model, self.state_layer(len(language)))
        # Questions by name pass by layers that look at pictures.
        numbers = [number for number in range(last + 1) if number not in cross_attention_layers(model)]
        seeing = vision_mlps(model) if self.settings.train_vision else []
        return [language[number] for number in numbers], seeing
