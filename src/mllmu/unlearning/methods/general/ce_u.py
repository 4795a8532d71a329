"""What the model predicts with the true token left out is what it is to predict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from mllmu.errors import UserError
from mllmu.unlearning.losses import others_cross_entropy
from mllmu.unlearning.trained_method import TrainedMethod
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.unlearning.method import Job
    from mllmu.unlearning.pairing.step import Step


class CEUSettings(UnlearningSettings):
    """Settings of CE-U.

    Attributes:
        skipped: how many tokens are left out from an answer's own first one; where that one is not read (see
            ``forget_tokens``), it costs no other.
    """

    skipped: int = Field(default=1, ge=0, le=1)


class CEU(TrainedMethod):
    """CE to stopgrad(softmax(z with z_y = -inf)) on f (arXiv 2503.01224)."""

    name = "ce_u"
    title = "CE-U"
    description = "cross-entropy to the model's own predictions without the true tokens"
    source = "arXiv 2503.01224"
    fidelity = "paper"
    deviations = (
        "Where forget_tokens leaves out the answer's first token already, no further one is left out for it; "
        "one token is left out at most, which is the paper's number."
    )
    settings_type = CEUSettings
    settings: CEUSettings

    def loss(self, step: Step) -> Tensor:
        """The cross-entropy to the predictions without the true tokens."""
        forget = step.forget
        answers, skipped = forget.answers, self.settings.skipped
        numbers = answers.mask.cumsum(dim=-1)
        read = numbers > skipped * forget.start_is_read[:, None].to(numbers)
        tokens = max(1, forget.tokens - skipped * forget.starts)
        return others_cross_entropy(answers.logits, answers.targets, read[answers.mask], tokens)

    def require_readable(self, job: Job) -> None:
        """Refuse answers of which every token is left out; no weight would ever change."""
        from mllmu.training.data.dataset import encode_sample
        from mllmu.unlearning.forget_tokens import token_choice

        skipped, tokens = self.settings.skipped, self.settings.forget_tokens
        choice = token_choice(tokens)
        items = (encode_sample(job.loaded, sample, choice) for sample in job.forget)
        if not any(int(item.answer_mask.sum()) > skipped * item.start_is_read for item in items):
            raise UserError(
                f"Method '{self.name}' has no token to read in any of {len(job.forget)} forget answers with "
                f"'forget_tokens' {tokens} and 'skipped' {skipped}; expected at least one."
            )
