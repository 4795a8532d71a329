"""Published ways of forgetting that are settings here, since any loss can be given them."""

from __future__ import annotations

from dataclasses import dataclass

from mllmu.unlearning.method import Fidelity


@dataclass(frozen=True)
class LossOption:
    """A setting of all trained methods that turns each of them into another published one.

    Attributes:
        setting: its name in `UnlearningSettings`.
        description: what it does, in one line.
        source: see `Method`.
        fidelity: see `Method`.
        deviations: see `Method`.
    """

    setting: str
    description: str
    source: str
    fidelity: Fidelity
    deviations: str


LOSS_OPTIONS = (
    LossOption(
        "decouple",
        "Prompt-Decouple: adds CE of the forget questions asked about somebody to retain",
        "SafeEraser (code yuu250/SafeEraser)",
        "adapted",
        "The other picture and answer are those of a person to retain, not of a harmless scene.",
    ),
    LossOption(
        "l1",
        "L1-sparse: adds the summed distance of the weights that learn from where they were",
        "arXiv 2410.18057",
        "adapted",
        "The original has the weights themselves, which pulls a model that was not sparse to zero.",
    ),
    LossOption(
        "sine_projector",
        "SineProject: the projector's matrices learn as W + sin(dW)",
        "arXiv 2511.18444",
        "paper",
        "",
    ),
)
"""In the order in which lists show them."""
