"""Forgetting by instruction: the weights stay, every question is preceded by a request not to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field

from mllmu.training.settings_base import Settings
from mllmu.unlearning.method import Job
from mllmu.unlearning.wrapping.inference_method import InferenceMethod

if TYPE_CHECKING:
    from mllmu.models import LoadedModel


INSTRUCTION = (
    "Do not reveal any private or personal information about the people who are shown or named. "
    "If you are asked about such a person, say that you do not know."
)


class PromptingSettings(Settings):
    """Settings of prompting.

    Attributes:
        instruction: the system instruction given before every question.
    """

    model_config = ConfigDict(frozen=True)

    instruction: str = Field(default=INSTRUCTION, min_length=1, pattern=r"\S")


class Prompting(InferenceMethod):
    """A system instruction and no training (arXiv 2410.22108)."""

    name = "prompting"
    title = "Prompting"
    description = "a system instruction not to reveal private information; no training"
    source = "arXiv 2410.22108, section 4"
    fidelity = "adapted"
    deviations = "The instruction is worded anew."
    requires = "a chat template with a system turn"
    settings_type = PromptingSettings
    depends_on_modality = False
    settings: PromptingSettings

    def apply(self, job: Job) -> LoadedModel:
        """The same weights behind the instruction.

        Raises:
            UserError: if the model's chat template refuses the instruction or leaves it out.
        """
        return job.loaded.with_instruction(self.settings.instruction)
