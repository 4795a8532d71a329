"""MANU: silences neurons that tell pictures from text for the people to forget, and for others less."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import ConfigDict, Field

from mllmu.training.settings_base import Settings
from mllmu.unlearning.forget_request import ForgetRequest
from mllmu.unlearning.method import Job, Method
from mllmu.unlearning.search_space import SearchRange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from mllmu.models import LoadedModel
    from mllmu.training import Sample


class ManuSettings(Settings):
    """Settings of MANU.

    Attributes:
        share: of the neurons of the decoder, and of those of the vision tower, that are silenced.
        threshold: distance from 0 beyond which a neuron counts as active.
        batch_size: samples in one forward pass; changes nothing but speed and memory.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    share: float = Field(default=0.03, gt=0, le=1)
    threshold: float = Field(default=0.1, ge=0)
    batch_size: int = Field(default=8, ge=1)


class Manu(Method):
    """Zeroes the MLP neurons with the largest I(f) / (I(r) + eps), no training (arXiv 2502.15910).

    See ``modality_importance`` for I. It contrasts questions with faces and questions by name whatever is to
    be unlearned. Under questions by name the vision tower is silent, so that its neurons differ in I_var
    above all.
    """

    name = "manu"
    title = "MANU"
    description = "silences MLP neurons that respond to the forget people's pictures; no training"
    kind = "procedure"
    source = "arXiv 2502.15910"
    fidelity = "paper"
    deviations = (
        "The authors' code is another algorithm, without contrasts, and is not followed; eps is 1e-5; all "
        "tokens of question, picture and answer count; biases before a neuron are zeroed with its weights."
    )
    requires = "retain questions; pictures and names of those to forget and to retain"
    settings_type = ManuSettings
    depends_on_modality = False
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "share": SearchRange(0.003, 0.3),
    }
    settings: ManuSettings

    def require(self, request: ForgetRequest) -> None:
        """Refuse a request that lacks one of the forms of questions."""
        from mllmu.unlearning.question_forms import by_sight_and_by_name

        for samples in request.both_forms():
            by_sight_and_by_name(samples, f"Method '{self.name}'")

    def apply(self, job: Job) -> LoadedModel:
        """Rank the neurons of either part, and zero those on top, in place.

        Raises:
            UserError: if forget or retain questions lack one of their forms, or the share is no neuron.
        """
        from mllmu.unlearning.neurons.mlp_neurons import language_mlps, most_important, silence, vision_mlps
        from mllmu.unlearning.neurons.modality_importance import forget_scores

        model = job.loaded.model
        language, vision = language_mlps(model), vision_mlps(model)
        forget, retain = (self._importance(job, samples) for samples in job.both_forms())
        scores = [forget_scores(f, r) for f, r in zip(forget, retain, strict=True)]
        parts = (scores[: len(language)], scores[len(language) :])
        chosen = [neurons for part in parts for neurons in most_important(part, self.settings.share)]
        for mlp, neurons in zip((*language, *vision), chosen, strict=True):
            silence(model, mlp, neurons)
        return job.loaded

    def changes(self, loaded: LoadedModel) -> frozenset[str]:
        """The linear layers of all MLPs, without the biases after the neurons."""
        from mllmu.unlearning.neurons.mlp_neurons import language_mlps, vision_mlps

        mlps = (*language_mlps(loaded.model), *vision_mlps(loaded.model))
        return frozenset(name for mlp in mlps for name in mlp.parameters(loaded.model))

    def _importance(self, job: Job, samples: Sequence[Sample]) -> list[Tensor]:
        """Of the decoder's neurons, layer by layer, then of the vision tower's."""
        from mllmu.unlearning.neurons.mlp_neurons import language_mlps, vision_mlps
        from mllmu.unlearning.neurons.modality_importance import modality_importance
        from mllmu.unlearning.neurons.neuron_activity import neuron_activity
        from mllmu.unlearning.question_forms import by_sight_and_by_name

        mlps = language_mlps(job.loaded.model), vision_mlps(job.loaded.model)
        how = (*mlps, self.settings.threshold, self.settings.batch_size, job.progress)
        forms = by_sight_and_by_name(samples, f"Method '{self.name}'")
        activities = (neuron_activity(job.loaded, form, *how) for form in forms)
        return [modality_importance(m, t) for m, t in zip(*activities, strict=True)]
