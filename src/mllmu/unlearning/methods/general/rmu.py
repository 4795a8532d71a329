"""Hidden states of one layer are led to a random direction on what to forget, and kept on what to retain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from mllmu.unlearning.loss_terms import unit_direction
from mllmu.unlearning.losses import state_distance
from mllmu.unlearning.search_space import SearchRange
from mllmu.unlearning.trained_method import Need, TrainedMethod
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.unlearning.pairing.step import Step


class RMUSettings(UnlearningSettings):
    """Settings of RMU.

    Attributes:
        layer: depth of the decoder layer that is read, as a share of the layers.
        c: length of the direction, in the units of the hidden states; whatever their length is, so that the
            default may be far below it.
        alpha: weight of retaining.
    """

    layer: float = Field(default=0.33, ge=0, le=1)
    c: float = Field(default=2.0, gt=0)
    alpha: float = Field(default=1.0, ge=0)


class RMU(TrainedMethod):
    """mean (h(f) - c u)^2 + alpha mean (h(r) - h0(r))^2 (arXiv 2403.03218).

    The direction u is uniform in [0, 1)^d, scaled to norm 1, and fixed; means are over width, then answer
    tokens, then samples.
    """

    name = "rmu"
    title = "RMU"
    description = (
        "hidden states of forget answers are led to a random direction, those of retain answers kept"
    )
    source = "arXiv 2403.03218"
    fidelity = "code"
    deviations = (
        "All parameters learn that the settings let learn, not the MLP outputs of three layers alone."
    )
    requires = "retain questions; the frozen model's hidden states"
    settings_type = RMUSettings
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        **TrainedMethod.search_space,
        "c": SearchRange(0.3, 100.0),
        "alpha": SearchRange(0.3, 10.0),
    }
    settings: RMUSettings

    def needs(self) -> frozenset[Need]:
        """The retain half and the frozen model's hidden states there."""
        return frozenset({Need.RETAIN, Need.RETAIN_STATES})

    def state_layer(self, layers: int) -> int:
        """The layer at the chosen depth."""
        return min(layers - 1, int(self.settings.layer * layers))

    def loss(self, step: Step) -> Tensor:
        """The distance to the direction, plus the weighted one to the frozen model."""
        settings, forget, retain = self.settings, step.forget, step.retain
        wanted = settings.c * unit_direction(forget.states.shape[-1], step.moment.seed).to(forget.states)
        led = state_distance(forget.states, wanted, forget.input_mask, forget.samples)
        held = state_distance(retain.states, retain.reference_states, retain.input_mask, retain.samples)
        step.tell(forget_distance=led, retain_distance=held)
        return led + settings.alpha * held
