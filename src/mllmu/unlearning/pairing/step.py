"""The batch that a loss reads: its halves, each run through the model when first read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from mllmu.errors import UserError
from mllmu.training.precision import autocast
from mllmu.training.settings import Precision
from mllmu.training.sharding.shardable import require_whole
from mllmu.training.trainers.answer_logits import AnswerLogits, answer_logits
from mllmu.unlearning import losses
from mllmu.unlearning.answer_states import answer_states
from mllmu.unlearning.need import Frozen, Half

_UNNAMED = "which its needs() do not name; expected the need there"


@dataclass(frozen=True)
class Moment:
    """When a step is taken, and what the training remembers.

    Attributes:
        number: optimizer steps that were taken before.
        passes: passes that were done before.
        seed: fixes what a method draws.
        memory: numbers that a method keeps from one step to the next (a multiplier, say); a training that was
            killed goes on with them.
        sums: numbers that the forward passes of this step add to, from 0 (see ``Step.tell``); the next step
            finds what they came to in ``memory``, over all passes and processes.
    """

    number: int = 0
    passes: float = 0.0
    seed: int = 0
    memory: dict[str, float] = field(default_factory=dict)
    sums: dict[str, Tensor | float] = field(default_factory=dict)


class Side:
    """One half of a step.

    Attributes:
        tokens: answer tokens of this half in the whole optimizer step.
        samples: samples of this half in the whole optimizer step.
        starts: samples of this half in the whole optimizer step of whose answers the first token is read.
    """

    def __init__(
        self, model: Any, batch: Mapping[str, Any], precision: Precision, state_layer: str = ""
    ) -> None:
        """Prepare a half.

        Args:
            model: the model that learns.
            batch: what ``PairCollator`` made for this half, with the step's totals.
            precision: in which the forward pass runs.
            state_layer: name of the decoder layer whose hidden states can be read.
        """
        self.tokens: int = batch["tokens"]
        self.samples: int = batch["samples"]
        self.starts: int = batch["starts"]
        self._model = model
        self._batch = batch
        self._precision = precision
        self._state_layer = state_layer

    @cached_property
    def answers(self) -> AnswerLogits:
        """Predictions of the answer tokens; runs the model."""
        inputs: dict[str, Tensor] = self._batch["inputs"]
        with autocast(self._precision, inputs["input_ids"].device):
            return answer_logits(self._model, inputs, self._batch.get("packed"))

    @cached_property
    def token_log_probs(self) -> Tensor:
        """Log-probability of each answer token, [b, t]; zero elsewhere."""
        return self.answers.token_log_probs()

    @property
    def answers_are_read(self) -> bool:
        """Whether somebody has asked for the predictions already."""
        return "answers" in vars(self)

    @property
    def mask(self) -> Tensor:
        """Where the answer tokens are, [b, t]."""
        return self.answers.mask

    @property
    def start_is_read(self) -> Tensor:
        """Whether the first answer token of a row's mask is the first of the whole answer, [b]."""
        return self._batch["start_is_read"]

    @property
    def input_mask(self) -> Tensor:
        """Where the answer tokens are, [b, t], without a run of the model; what ``states`` are read by."""
        return self._batch["inputs"]["answer_mask"]

    @property
    def sample_log_probs(self) -> Tensor:
        """Log-probability of each whole answer, [b]."""
        return losses.sample_log_probs(self.token_log_probs, self.mask)

    @property
    def nll(self) -> Tensor:
        """Cross-entropy CE: mean negative log-likelihood of the answer tokens."""
        return losses.answer_nll(self.token_log_probs, self.mask, self.tokens)

    @cached_property
    def states(self) -> Tensor:
        """Hidden states at the answer tokens, [answer tokens, d]; runs the model.

        Raises:
            UserError: the processes were started for FSDP; see ``shardable_methods``.
        """
        require_whole("a loss that reads hidden states")
        inputs: dict[str, Tensor] = self._batch["inputs"]
        with autocast(self._precision, inputs["input_ids"].device):
            return answer_states(self._model, inputs, self._state_layer)

    @property
    def reference_log_probs(self) -> Tensor:
        """The frozen model's log-probability of each whole answer, [b]."""
        return self._frozen(Frozen.LOG_PROBS)

    @property
    def reference_distributions(self) -> Tensor:
        """The frozen model's log-probabilities at every answer token, [answer tokens, v]."""
        return self._frozen(Frozen.DISTRIBUTIONS)

    @property
    def reference_states(self) -> Tensor:
        """The frozen model's hidden states at every answer token, [answer tokens, d]."""
        return self._frozen(Frozen.STATES)

    def _frozen(self, kind: Frozen) -> Tensor:
        if kind.value not in self._batch:
            what = kind.value.replace("_", " ")
            raise UserError(f"a loss reads the frozen model's {what}, {_UNNAMED}")
        frozen: Tensor = self._batch[kind.value]
        return frozen


class Step:
    """One forward pass of unlearning.

    Attributes:
        moment: when it is, and what the training remembers.
    """

    def __init__(
        self,
        model: Any,
        batch: Mapping[str, Any],
        precision: Precision,
        moment: Moment,
        state_layer: str = "",
    ) -> None:
        """Take what ``PairCollator`` made; the other arguments as of ``Side``."""
        self.moment = moment
        self._sides: dict[Half, Side] = {}
        self._model = model
        self._batch = batch
        self._precision = precision
        self._state_layer = state_layer

    def tell(self, **parts: Tensor | float) -> None:
        """Tell the log of this forward pass's share of parts of the loss, or of what else changes with it.

        The shares of a whole optimizer step are added up. The cross-entropy of each half whose answers the
        loss reads is told without being asked for.
        """
        sums = self.moment.sums
        for name, value in parts.items():
            sums[name] = sums.get(name, 0.0) + (value.detach() if isinstance(value, Tensor) else value)

    def tell_of_halves(self) -> None:
        """Tell the log of the cross-entropy of the halves whose answers have been read."""
        with torch.no_grad():
            for half, side in self._sides.items():
                if side.answers_are_read:
                    self.tell(**{f"{half.value}_loss": side.nll})

    def _side(self, half: Half) -> Side:
        if half not in self._sides:
            if half not in self._batch:
                raise UserError(f"a loss reads step.{half.value}, {_UNNAMED}")
            self._sides[half] = Side(self._model, self._batch[half], self._precision, self._state_layer)
        return self._sides[half]

    @property
    def forget(self) -> Side:
        """The half to forget."""
        return self._side(Half.FORGET)

    @property
    def retain(self) -> Side:
        """The half to keep; this and those below are there only if the method needs them."""
        return self._side(Half.RETAIN)

    @property
    def refusal(self) -> Side:
        """The forget questions with refusals for answers."""
        return self._side(Half.REFUSAL)

    @property
    def alternative(self) -> Side:
        """The forget questions with plausible but wrong answers."""
        return self._side(Half.ALTERNATIVE)

    @property
    def random_answer(self) -> Side:
        """The forget questions with the answers about others."""
        return self._side(Half.RANDOM_ANSWER)

    @property
    def other_person(self) -> Side:
        """The forget questions asked about somebody else, with that person's picture and answer."""
        return self._side(Half.OTHER_PERSON)

    @property
    def blind(self) -> Side:
        """The forget questions with noised pictures, after an instruction to know nothing."""
        return self._side(Half.BLIND)

    @property
    def mismatched(self) -> Side:
        """The forget pictures with the questions and answers of other forget samples."""
        return self._side(Half.MISMATCHED)

    @property
    def text_only(self) -> Side:
        """The forget questions without their pictures."""
        return self._side(Half.TEXT_ONLY)
