"""Primal-dual unlearning: forgetting is minimised under the constraint that the retain loss stays small."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from mllmu.unlearning.losses import answer_nll, logit_flattening
from mllmu.unlearning.search_space import SearchRange
from mllmu.unlearning.trained_method import Need, TrainedMethod
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.unlearning.pairing.step import Moment, Side, Step

_LOG = logging.getLogger(__name__)


class PDUSettings(UnlearningSettings):
    """Settings of PDU.

    Attributes:
        multiplier: the multiplier of the constraint to begin with.
        rate: how far the multiplier moves per unit by which the constraint is missed.
        tolerance: how large the retain loss may become, as a multiple of the frozen model's.
        slack: how much larger besides, in nats per token; the paper has 0.3, and no tolerance.
        warmup: passes before the multiplier moves.
    """

    multiplier: float = Field(default=50.0, ge=0)
    rate: float = Field(default=5.0, ge=0)
    tolerance: float = Field(default=1.1, ge=0)
    slack: float = Field(default=0.0, ge=0)
    warmup: float = Field(default=5.0, ge=0)


class PDU(TrainedMethod):
    """mean (max z - mean z)^2 on f + lambda (CE(r) - eps), lambda <- max(0, lambda + rate (CE(r) - eps)).

    arXiv 2506.05314. The bound eps is tolerance times the frozen model's CE on the same retain
    answers, plus slack.
    """

    name = "pdu"
    title = "PDU"
    description = "flat logits on the forget questions, under a bound on the retain loss"
    source = "arXiv 2506.05314"
    fidelity = "adapted"
    deviations = (
        "The bound follows the frozen model's own loss on the same answers instead of a constant; with the "
        "default budget of one pass the multiplier stays as it is, as it waits for five."
    )
    requires = "retain questions; the frozen model's log-probabilities"
    settings_type = PDUSettings
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        **TrainedMethod.search_space,
        "multiplier": SearchRange(1.0, 100.0),
    }
    settings: PDUSettings

    def needs(self) -> frozenset[Need]:
        """The retain half and what the frozen model gives its answers."""
        return frozenset({Need.RETAIN, Need.RETAIN_LOG_PROBS})

    def loss(self, step: Step) -> Tensor:
        """Flattening, plus the multiplier times what the constraint is missed by."""
        forget = step.forget
        missed = self._missed(step.retain)
        step.tell(missed=missed)
        multiplier = self._multiplier(step.moment)
        return logit_flattening(forget.answers.logits, forget.tokens) + multiplier * missed

    def _missed(self, retain: Side) -> Tensor:
        """This part's share of CE(r) - eps; over the parts of a step they add up."""
        frozen = -retain.reference_log_probs.sum() / retain.tokens
        share = len(retain.reference_log_probs) / retain.samples
        now = answer_nll(retain.token_log_probs, retain.mask, retain.tokens)
        return now - self.settings.tolerance * frozen.to(now) - self.settings.slack * share

    def _multiplier(self, moment: Moment) -> float:
        """The multiplier of this step, which the sum of what the step before it missed has moved."""
        memory = moment.memory
        if not memory:
            self._warn_of_a_still_multiplier()
        if memory.get("number") != moment.number:
            before = memory.get("multiplier", self.settings.multiplier)
            moves = moment.passes >= self.settings.warmup
            moved = max(0.0, before + self.settings.rate * memory.get("missed", 0.0)) if moves else before
            memory.update(multiplier=moved, number=moment.number)
        return memory["multiplier"]

    def _warn_of_a_still_multiplier(self) -> None:
        """Say so where the training ends before the multiplier moves."""
        settings = self.settings
        if settings.warmup >= settings.passes:
            _LOG.warning(
                "Method '%s': the multiplier moves after %g passes ('warmup') of %g, and stays at %g.",
                self.name,
                settings.warmup,
                settings.passes,
                settings.multiplier,
            )
