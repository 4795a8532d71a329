"""In-context unlearning: falsely answered questions about those to forget stand before every question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field

from mllmu.training.settings_base import Settings
from mllmu.unlearning.forget_request import ForgetRequest
from mllmu.unlearning.method import Job
from mllmu.unlearning.wrapping.inference_method import InferenceMethod

if TYPE_CHECKING:
    from mllmu.models import LoadedModel
    from mllmu.training.data.samples import Sample


class InContextUnlearningSettings(Settings):
    """Settings of in-context unlearning.

    Attributes:
        flipped: examples about people to forget, each with a wrong answer.
        retained: examples about people to retain, with their true answers, which follow them.
    """

    model_config = ConfigDict(frozen=True)

    flipped: int = Field(default=4, ge=1, le=100)
    retained: int = Field(default=2, ge=0, le=100)


class InContextUnlearning(InferenceMethod):
    """Examples with flipped answers of f, then true ones of r, before every question (arXiv 2310.07579).

    Examples show the pictures they are about where the model's context has room for them; otherwise a warning
    tells that all are by name.
    """

    name = "icul"
    title = "ICUL"
    description = "wrongly answered questions about people to forget as examples before every question"
    source = "arXiv 2310.07579, section 4"
    fidelity = "adapted"
    deviations = (
        "From classification to free answers, flipped to the answer about somebody else. The same few people "
        "stand before every question, where the paper shows the very point that is asked about."
    )
    requires = "questions about people to retain"
    settings_type = InContextUnlearningSettings
    settings: InContextUnlearningSettings

    def require(self, request: ForgetRequest) -> None:
        """Refuse a request without questions to forget, or without wrong answers to them."""
        from mllmu.unlearning.halves.other_answers import random_answers

        self.require_questions(request, "forget")
        random_answers(request.forget, request.retain, request.seed)

    def apply(self, job: Job) -> LoadedModel:
        """The same weights behind the examples.

        Raises:
            UserError: if the examples do not fit into the context.
        """
        from mllmu.models.wrappers import ShownExamples
        from mllmu.training.seeds import part_seed
        from mllmu.unlearning.halves.other_answers import random_answers
        from mllmu.unlearning.wrapping.demonstrations import with_pictures_if_room

        def choices(forget: Sequence[Sample], retain: Sequence[Sample]) -> list[tuple[Sequence[Sample], int]]:
            wrong = random_answers(forget, retain, job.seed)
            return [(wrong, self.settings.flipped), (retain, self.settings.retained)]

        seed, asked = part_seed(job.seed, "examples"), [*job.forget, *job.retain]
        turns = with_pictures_if_room(
            job.loaded,
            choices(job.forget, job.retain),
            asked,
            seed,
            f"Method '{self.name}'",
            lambda: choices(*job.both_forms()),
        )
        return job.loaded.with_wrapper(ShownExamples(turns))
