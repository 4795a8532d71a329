"""The batch that a loss reads: its forget and retain halves, each run through the model when first read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from torch import Tensor

from mllmu.training.answer_logits import AnswerLogits, answer_logits
from mllmu.training.precision import autocast
from mllmu.training.settings import Precision
from mllmu.unlearning import losses


class Side:
    """The forget or the retain half of a step.

    Attributes:
        tokens: answer tokens of this half in the whole optimizer step.
        samples: samples of this half in the whole optimizer step.
    """

    def __init__(self, model: Any, batch: Mapping[str, Any], precision: Precision) -> None:
        """Prepare a half.

        Args:
            model: the model that learns.
            batch: what ``PairCollator`` made for this half, with the step's totals.
            precision: in which the forward pass runs.
        """
        self.tokens: int = batch["tokens"]
        self.samples: int = batch["samples"]
        self._model = model
        self._batch = batch
        self._precision = precision

    @cached_property
    def answers(self) -> AnswerLogits:
        """Predictions of the answer tokens; runs the model."""
        inputs: dict[str, Tensor] = self._batch["inputs"]
        with autocast(self._precision, inputs["input_ids"].device):
            return answer_logits(self._model, inputs)

    @cached_property
    def token_log_probs(self) -> Tensor:
        """Log-probability of each answer token, [b, t]; zero elsewhere."""
        return self.answers.token_log_probs()

    @property
    def mask(self) -> Tensor:
        """Where the answer tokens are, [b, t]."""
        return self.answers.mask

    @property
    def sample_log_probs(self) -> Tensor:
        """Log-probability of each whole answer, [b]."""
        return losses.sample_log_probs(self.token_log_probs, self.mask)

    @property
    def nll(self) -> Tensor:
        """Cross-entropy CE: mean negative log-likelihood of the answer tokens."""
        return losses.answer_nll(self.token_log_probs, self.mask, self.tokens)

    @property
    def reference_log_probs(self) -> Tensor:
        """The frozen model's log-probability of each whole answer, [b]."""
        return self._batch["log_probs"]

    @property
    def reference_distributions(self) -> Tensor:
        """The frozen model's log-probabilities at every answer token, [answer tokens, v]."""
        return self._batch["distributions"]


class Step:
    """One forward pass of unlearning."""

    def __init__(self, model: Any, batch: Mapping[str, Any], precision: Precision) -> None:
        self._model = model
        self._batch = batch
        self._precision = precision

    @cached_property
    def forget(self) -> Side:
        """The half to forget."""
        return Side(self._model, self._batch["forget"], self._precision)

    @cached_property
    def retain(self) -> Side:
        """The half to keep; there only if the method needs ``Need.RETAIN``."""
        return Side(self._model, self._batch["retain"], self._precision)
