"""What one trial of settings is worth: how near to retrained a model came, and at what cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mllmu.evaluation.scoring.equal_utility import Totals, Trajectory


@dataclass(frozen=True)
class State:
    """The best state of a model on its way that keeps enough utility; all in points of 100.

    Attributes:
        passes: over the forget questions; 0 where vanilla is best.
        distance: mean over all cells (forget and test, modality, task) of how far accuracy is from the
            retrained model's, above or below.
        forget: mean accuracy of these cells.
        utility: mean accuracy of retain and celebrity.
    """

    passes: float
    distance: float
    forget: float
    utility: float


def best_state(trajectory: Trajectory, passes: list[float], loss: float) -> State:
    """The state nearest to retrained of those that lose at most so much utility; the earliest of equal ones.

    Args:
        trajectory: of the model, vanilla first.
        passes: of its states.
        loss: tolerated points of utility below vanilla.
    """
    forget, target = _cells(trajectory.forget), _cells(trajectory.retrained)[0]
    utility = np.mean([each.of_everybody() for each in trajectory.utility], axis=0)
    distance = np.abs(forget - target).mean(axis=1)
    distance[utility < utility[0] - loss] = np.inf
    best = int(distance.argmin())
    return State(passes[best], float(distance[best]), float(forget[best].mean()), float(utility[best]))


def _cells(totals: Totals) -> np.ndarray:
    """Accuracy in each cell, [states, cells]."""
    return totals.values.sum(axis=1) / totals.counts.sum(axis=0)
