"""What can be set about every method that trains."""

from __future__ import annotations

from pydantic import Field

from mllmu.training import OptimizationSettings
from mllmu.training.settings import Schedule
from mllmu.unlearning.forget_tokens import ForgetTokens


class UnlearningSettings(OptimizationSettings):
    """Settings of methods that train.

    Attributes:
        passes: how often as many samples are learned as there are training questions about the forget people;
            parts of a pass are allowed. Unlearned on both, a pass shows one form of each question on average,
            so that all modalities learn from equally many samples.
        forget_tokens: which tokens of a forget answer the loss reads: "answer" all, "new" those that do not
            repeat the question, "value" those that state the fact.
        schedule: a constant rate by default, which falls in the last steps: by a falling one, little is
            forgotten in the last half.
    """

    passes: float = Field(default=1.0, gt=0, le=1000)
    forget_tokens: ForgetTokens = "new"
    schedule: Schedule = "warmup_stable_decay"
