"""Where on their ways models have lost equally much utility."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from mllmu.evaluation.scoring.bootstrap import Floats


def position_at_loss(utility: Sequence[float] | Floats, loss: float) -> float:
    """Where on its way a model has lost so much utility, for the last time.

    Args:
        utility: of each state, in points, vanilla first.
        loss: points below vanilla, at least 0.

    Returns:
        The number of the last state that keeps enough, and the share of the straight way from there to the
        next at which it does not any more.

    Example:
        >>> position_at_loss([90, 89, 81], 5)
        1.5
    """
    values = np.asarray(utility, dtype=np.float64)
    limit = values[0] - loss
    last = int(np.flatnonzero(values >= limit)[-1])
    if last == len(values) - 1:
        return float(last)
    before, after = values[last], values[last + 1]
    return float(last + (before - limit) / (before - after))


def common_loss(ways: Iterable[Sequence[float] | Floats], loss: float) -> float:
    """How much all of some models have lost where each has lost equally much.

    Args:
        ways: of each model, the utility of its states in points, vanilla first.
        loss: points below vanilla, at least 0.

    Returns:
        `loss`, or what the model that lost least has lost in the end; at least 0.

    Example:
        >>> common_loss([[90, 89, 81], [90, 87]], 5)
        3.0
    """
    return max(0.0, min(loss, *(float(utility[0] - utility[-1]) for utility in ways)))


def at_position(states: Floats, position: float) -> Floats:
    """What lies there on the straight way between two states.

    Args:
        states: [s, ...] values of each state.
        position: as of `position_at_loss`, from 0 to s - 1.
    """
    before = int(position)
    share = position - before
    if not share:
        return states[before]
    between: Floats = (1 - share) * states[before] + share * states[before + 1]
    return between
