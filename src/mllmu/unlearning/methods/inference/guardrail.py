"""Forgetting by a gate before the model: who asks about somebody to forget is refused an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from mllmu.unlearning.forget_request import ForgetRequest
from mllmu.unlearning.method import Job
from mllmu.unlearning.wrapping.inference_method import InferenceMethod
from mllmu.unlearning.wrapping.recognition import RecognitionSettings, recogniser, require_recognisable

if TYPE_CHECKING:
    from mllmu.models import LoadedModel


class GuardrailSettings(RecognitionSettings):
    """Settings of the guardrail.

    Attributes:
        refusal: what is answered in the model's place.
    """

    refusal: str = Field(default="I cannot answer questions about this person.", pattern=r"\S")


class Guardrail(InferenceMethod):
    """Refuses wherever somebody to forget is named, or is recognised in a picture; the model stays.

    What every deployment would try first, and the baseline for all that changes weights. A name is the full
    name as a whole word, whatever its case and accents. A face is recognised by the cosine of projector
    features with those of the training portraits.
    """

    name = "guardrail"
    title = "Guardrail"
    description = "refuses where a person to forget is named or recognised in a picture; no training"
    source = "none; the usual filter of deployments"
    fidelity = "adapted"
    deviations = "Names match whole; faces by the model's own picture features, not by a face recogniser."
    requires = "names for questions by name; portraits of people to retain for questions with faces"
    settings_type = GuardrailSettings
    settings: GuardrailSettings

    def require(self, request: ForgetRequest) -> None:
        """Refuse a request without anything to recognise people by."""
        require_recognisable(request, f"Method '{self.name}'")

    def apply(self, job: Job) -> LoadedModel:
        """The same weights behind the gate.

        Raises:
            UserError: if there is nothing to recognise anybody by.
        """
        from mllmu.models.wrappers import RefusalGate

        recognises = recogniser(job, self.settings)
        return job.loaded.with_wrapper(RefusalGate(recognises, self.settings.refusal))
