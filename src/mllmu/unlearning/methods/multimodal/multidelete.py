"""Picture and text are told apart again: fused states become those of pairs that never belonged together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from mllmu.unlearning.losses import mean_states, pooled_distance
from mllmu.unlearning.trained_method import Need, TrainedMethod
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.unlearning.pairing.step import Side, Step


class MultiDeleteSettings(UnlearningSettings):
    """Settings of MultiDelete.

    Attributes:
        gamma: weight of decoupling picture and text.
        alpha: weight of the retained pairs' fused states.
        delta: weight of the texts' own states.
        train_projector: must be false, so that pictures alone stay what they are; there is no term for them.
        sine_projector: must be false, for the same reason.
        train_vision: must be false likewise.
    """

    gamma: float = Field(default=1.0, ge=0)
    alpha: float = Field(default=1.0, ge=0)
    delta: float = Field(default=1.0, ge=0)
    train_projector: Literal[False] = False
    sine_projector: Literal[False] = False
    train_vision: Literal[False] = False


class MultiDelete(TrainedMethod):
    """MSE to the frozen states of the pictures with others' texts + of retained pairs + of texts alone.

    arXiv 2311.12047. Fused states are the last decoder layer's, averaged over the answer tokens.
    """

    name = "multidelete"
    title = "MultiDelete"
    description = "decouples forget pictures from their texts in the last hidden states"
    source = "arXiv 2311.12047"
    fidelity = "adapted"
    deviations = (
        "Carried over from encoders of two towers: fused states are averages over answer tokens, and "
        "pictures alone are kept by a frozen projector instead of a term."
    )
    requires = "pictures of two people or more; retain questions; the frozen model's hidden states"
    modalities = ("image_text",)
    settings_type = MultiDeleteSettings
    settings: MultiDeleteSettings

    def needs(self) -> frozenset[Need]:
        """The frozen model's states of mismatched pairs, of retained ones and of the texts alone."""
        return frozenset({Need.MISMATCHED_STATES, Need.RETAIN_STATES, Need.TEXT_ONLY_STATES})

    def loss(self, step: Step) -> Tensor:
        """The three weighted distances."""
        settings, forget = self.settings, step.forget
        apart = _frozen(step.mismatched)
        decoupled = pooled_distance(mean_states(forget.states, forget.input_mask), apart, forget.samples)
        retain, text_only = _moved(step.retain), _moved(step.text_only)
        step.tell(forget_distance=decoupled, retain_distance=retain, text_only_distance=text_only)
        return settings.gamma * decoupled + settings.alpha * retain + settings.delta * text_only


def _frozen(half: Side) -> Tensor:
    return mean_states(half.reference_states, half.input_mask)


def _moved(half: Side) -> Tensor:
    return pooled_distance(mean_states(half.states, half.input_mask), _frozen(half), half.samples)
