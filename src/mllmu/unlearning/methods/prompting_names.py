"""Forgetting by instruction that names people: the weights stay, and everybody else may be talked of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field

from mllmu.errors import UserError
from mllmu.training.settings_base import Settings
from mllmu.unlearning.forget_request import ForgetRequest
from mllmu.unlearning.method import Job
from mllmu.unlearning.wrapping.inference_method import InferenceMethod

if TYPE_CHECKING:
    from mllmu.models import LoadedModel

_NAMES = "{names}"
INSTRUCTION = (
    "Do not reveal any private or personal information about the following people, whether they are named or "
    f"are the person in the picture: {_NAMES}. If you are asked about one of them, say that you do not know. "
    "Answer questions about everybody else."
)


class NamedPromptingSettings(Settings):
    """Settings of prompting by name.

    Attributes:
        instruction: the system instruction given before every question; ``{names}`` stands for the names of
            the people to forget.
    """

    model_config = ConfigDict(frozen=True)

    instruction: str = Field(default=INSTRUCTION, pattern=r"\{names\}")


class NamedPrompting(InferenceMethod):
    """A system instruction that names the people to forget, and no training.

    The paper's prompting (arXiv 2410.22108) names nobody, so that a model that obeys refuses everyone.
    """

    name = "prompting_names"
    title = "Prompting (names)"
    description = "a system instruction not to reveal anything about the people it names; no training"
    source = "after arXiv 2410.22108, section 4"
    fidelity = "adapted"
    deviations = "The paper's instruction names nobody."
    requires = "names; a chat template with a system turn"
    settings_type = NamedPromptingSettings
    depends_on_modality = False
    settings: NamedPromptingSettings

    def require(self, request: ForgetRequest) -> None:
        """Refuse a request about nobody with a name."""
        if not request.forget_names:
            raise UserError(
                f"Method '{self.name}' got nobody with a name; expected people to forget who have one."
            )

    def apply(self, job: Job) -> LoadedModel:
        """The same weights behind the instruction.

        Raises:
            UserError: if the model's chat template refuses the instruction or leaves it out.
        """
        instruction = self.settings.instruction.replace(_NAMES, ", ".join(job.forget_names))
        return job.loaded.with_instruction(instruction)
