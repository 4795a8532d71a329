"""Steering: at one layer, states that recall the people to forget are moved towards those of a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import ConfigDict, Field

from mllmu.training.settings_base import Settings
from mllmu.unlearning.forget_request import ForgetRequest
from mllmu.unlearning.method import Job
from mllmu.unlearning.search_space import SearchRange
from mllmu.unlearning.wrapping.inference_method import InferenceMethod

if TYPE_CHECKING:
    from mllmu.models import LoadedModel


class SteeringSettings(Settings):
    """Settings of steering.

    Attributes:
        depth: which layer is steered, as a share of the decoder's depth.
        strength: by how many times the direction.
        energy: share of the energy of retain states that the directions hold on which nothing is steered.
        ridge: how strongly the gate is regularised, in units of the forget states' mean energy.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    depth: float = Field(default=0.5, ge=0, lt=1)
    strength: float = Field(default=1.0, gt=0)
    energy: float = Field(default=0.99, ge=0, lt=1)
    ridge: float = Field(default=0.1, gt=0)


class Steering(InferenceMethod):
    """h + s (g . h) r at one layer, r = mean h(refusing) - mean h(recalling) (arXiv 2510.04217).

    The gate g is 1 on forget states in the least-squares sense, and 0 on the space of retain states. States
    are those from which the answer's tokens are predicted, of the true answer and of a refusal.
    """

    name = "steering"
    title = "Steering"
    description = "moves hidden states of forget questions towards those of a refusal, at one layer"
    source = "arXiv 2510.04217, input-aware steering; arXiv 2512.17911"
    fidelity = "adapted"
    deviations = (
        "Recalling states are of plain pictures, not of adversarially perturbed ones. Every token is "
        "steered, not the prompt's alone. Nothing of 2512.17911's reasoning subspace and slerp."
    )
    requires = "questions about people to retain"
    settings_type = SteeringSettings
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "strength": SearchRange(0.1, 10.0),
    }
    settings: SteeringSettings

    def require(self, request: ForgetRequest) -> None:
        """Refuse a request without questions to forget and to retain."""
        self.require_questions(request, "forget", "retain")

    def apply(self, job: Job) -> LoadedModel:
        """The same weights with one steered layer; the model is steered in place.

        Raises:
            UserError: if there is nothing to forget or to retain.
        """
        from mllmu.models import module_map
        from mllmu.models.model_parts import layer_of_every_input
        from mllmu.models.wrappers import SteeredLayer
        from mllmu.unlearning.halves.other_answers import refusals
        from mllmu.unlearning.wrapping.layer_states import answering_states
        from mllmu.unlearning.wrapping.steering_gate import null_space, steering_gate

        settings, layers = self.settings, module_map(job.loaded.model).layers
        layer = layer_of_every_input(job.loaded.model, int(settings.depth * len(layers)))
        recalling, retained, refusing = (
            answering_states(job.loaded, samples, layers[layer], progress=job.progress)
            for samples in (job.forget, job.retain, refusals(job.forget, job.seed))
        )
        projection = null_space(retained.second, settings.energy)
        gate = steering_gate(recalling.mean, recalling.second, projection, settings.ridge)
        direction = settings.strength * (refusing.mean - recalling.mean)
        return job.loaded.with_wrapper(SteeredLayer(layer, gate.float(), direction.float()))
