"""What is told of each optimizer step: the trainer's own log, in our words and without times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mllmu.training.upkeep.training_upkeep import StepLog

LOSS, PASSES = "loss", "passes"
_OTHERS = (LOSS, PASSES, "epoch", "step", "learning_rate", "grad_norm")


def step_logs(history: Sequence[Mapping[str, Any]], name: str) -> Iterator[StepLog]:
    """The steps of a training.

    Args:
        history: what the trainer logged; entries without a loss are its summaries, which tell seconds.
        name: of the training; empty for the only one.
    """
    for logged in history:
        if LOSS in logged:
            parts = {key: value for key, value in logged.items() if key not in _OTHERS}
            yield {
                "training": name,
                "step": logged["step"],
                PASSES: logged[PASSES],
                LOSS: logged[LOSS],
                **parts,
                "learning_rate": logged["learning_rate"],
                "gradient_norm": logged["grad_norm"],
            }
