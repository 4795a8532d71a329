"""Forgetting by instruction and example: portraits of those to forget, each with a refusal, come first."""

from __future__ import annotations

import logging
from bisect import bisect_left
from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field

from mllmu.errors import UserError
from mllmu.training.settings_base import Settings
from mllmu.unlearning.forget_request import ForgetRequest
from mllmu.unlearning.method import Job
from mllmu.unlearning.wrapping.inference_method import InferenceMethod

if TYPE_CHECKING:
    from mllmu.models import LoadedModel

_LOG = logging.getLogger(__name__)
INSTRUCTION = (
    "Do not reveal any private or personal information about the people in the first pictures. "
    "If one of them is the person in the picture you are asked about, say that you do not know. "
    "Answer questions about everybody else."
)


class FacePromptingSettings(Settings):
    """Settings of prompting by face.

    Attributes:
        instruction: the system instruction given before the portraits.
    """

    model_config = ConfigDict(frozen=True)

    instruction: str = Field(default=INSTRUCTION, min_length=1, pattern=r"\S")


class FacePrompting(InferenceMethod):
    """A system instruction, and each person to forget with a question and a refusal; no training.

    The paper's prompting (arXiv 2410.22108) says nothing of whom it means. Of the people to forget as many
    are shown as the model's context has room for; a warning tells how many are not.
    """

    name = "prompting_faces"
    title = "Prompting (faces)"
    description = "an instruction, and portraits of people to forget with refusals as examples; no training"
    source = "after arXiv 2410.22108, section 4"
    fidelity = "adapted"
    deviations = "The paper's instruction shows nobody."
    requires = "faces; a chat template with a system turn"
    modalities = ("image_text", "both")
    settings_type = FacePromptingSettings
    depends_on_modality = False
    settings: FacePromptingSettings

    def require(self, request: ForgetRequest) -> None:
        """Refuse a request that shows nobody."""
        if all(sample.image is None for sample in request.forget):
            raise UserError(f"Method '{self.name}' got no portraits; expected questions with faces.")

    def apply(self, job: Job) -> LoadedModel:
        """The same weights behind the instruction and the portraits.

        Raises:
            UserError: if no portrait fits into the context, or the model's chat template refuses the
                instruction or leaves it out.
        """
        from mllmu.models.wrappers import ShownExamples
        from mllmu.unlearning.halves.other_answers import refusals
        from mllmu.unlearning.wrapping.demonstrations import as_turns, have_room

        people = {sample.profile_id: sample for sample in job.forget if sample.image is not None}
        instructed = job.loaded.with_instruction(self.settings.instruction)
        examples, asked = refusals([*people.values()], job.seed), [*job.forget, *job.retain]

        def overflows(count: int) -> bool:
            return not have_room(instructed, as_turns(examples[:count]), asked)

        fitting = bisect_left(range(1, len(examples) + 1), True, key=overflows)
        if not fitting:
            raise UserError(
                f"Method '{self.name}': no portrait fits into the context of model '{job.loaded.source}' "
                "before a question; expected a model with room for one."
            )
        if fitting < len(examples):
            _LOG.warning("%s: the context has room for %d of %d people.", self.name, fitting, len(examples))
        return instructed.with_wrapper(ShownExamples(as_turns(examples[:fitting])))
