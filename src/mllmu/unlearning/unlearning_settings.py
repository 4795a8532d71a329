"""What can be set about every method that trains."""

from __future__ import annotations

from pydantic import Field, ValidationInfo, field_validator

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
        decouple: weight of the cross-entropy of the forget questions asked about somebody to retain, with
            that person's picture and answer (Prompt-Decouple, SafeEraser): so that a question itself is not
            what is forgotten. The original has 0.5 to 1.
        l1: weight of the summed distance |theta - theta0| of all weights that learn; with adapters, of the
            change that they make; with ``sine_projector``, of the projector |dW|, not |sin(dW)|. Most weights
            then stay what they are (the original, arXiv 2410.18057, has |theta|).
        schedule: a constant rate by default, which falls in the last steps: by a falling one, little is
            forgotten in the last half.
        sine_projector: whether the projector's matrices W learn as W + sin(dW), within 1 of what they were,
            and its other weights not at all (SineProject, arXiv 2511.18444, which adapts the language model
            by LoRA of rank 32 besides).
    """

    passes: float = Field(default=1.0, gt=0, le=1000)
    forget_tokens: ForgetTokens = "new"
    decouple: float = Field(default=0.0, ge=0)
    l1: float = Field(default=0.0, ge=0)
    schedule: Schedule = "warmup_stable_decay"
    sine_projector: bool = False

    @field_validator("sine_projector")
    @classmethod
    def _projector_learns(cls, value: bool, info: ValidationInfo) -> bool:
        if value and not info.data.get("train_projector", True):
            raise ValueError("should be false where 'train_projector' is")
        return value
