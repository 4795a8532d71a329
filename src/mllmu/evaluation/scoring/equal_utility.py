"""What models forget at equal cost, read off their trajectories, with intervals clustered by person.

Legend of shapes: s states of a model on its way, i people, c cells (set, modality, task), d draws of people.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from mllmu.evaluation.scoring.bootstrap import DRAWS, LEVEL, Estimate, Floats

_EDGE = (1 - LEVEL) / 2


@dataclass(frozen=True)
class Totals:
    """What some people's questions gave.

    Attributes:
        values: [s, i, c] sums over a person's questions of a cell, in per cent.
        counts: [i, c] how many questions these are.
    """

    values: Floats
    counts: Floats

    def means(self, weights: Floats) -> Floats:
        """Mean over cells of the mean over questions, [d, s], with people weighted by [d, i]."""
        asked = weights @ self.counts  # [d, c]
        with np.errstate(invalid="ignore"):
            cells = np.einsum("di,sic->dsc", weights, self.values) / asked[:, None, :]
        return np.nanmean(cells, axis=2)

    def of_everybody(self) -> Floats:
        """The same with everybody once, [s]."""
        return self.means(np.ones((1, len(self.counts))))[0]


@dataclass(frozen=True)
class Trajectory:
    """A model on its way, and the retrained model that shows where to go.

    Attributes:
        forget: of the people to forget; the first state is vanilla.
        utility: of those to keep, one for each set (retain, celebrity); sets count the same.
        retrained: the retrained model's of the people to forget, with one state.
        retrained_utility: likewise of those to keep.
        is_gradual: whether the states lie on one path, so that what is between two of them could be had.
    """

    forget: Totals
    utility: tuple[Totals, ...]
    retrained: Totals
    retrained_utility: tuple[Totals, ...] = ()
    is_gradual: bool = True


@dataclass(frozen=True)
class EqualUtility:
    """A model compared at equal cost; all in per cent.

    Attributes:
        forget: accuracy about the people to forget, where it came nearest to retrained.
        distance: how far from retrained that is, above it or below.
        utility: utility where it first came down to retrained; None if it never did.
        reached: share of the draws of people in which it did.
        draws: the distance in every draw of people; models that were asked about the same people, and
            compared with the same seed, have the same draws.
    """

    forget: dict[float, Estimate]
    distance: dict[float, Estimate]
    utility: Estimate | None
    reached: float
    draws: dict[float, Floats] = field(repr=False, compare=False)


def compare_at_equal_utility(
    trajectory: Trajectory, losses: tuple[float, ...], seed: int, draws: int = DRAWS
) -> EqualUtility:
    """Read a trajectory where utility has fallen by so many points, and where it reaches retrained.

    Between two states the path is taken to be straight. A model may stop anywhere before it has lost too much
    utility: of all it passes until then, what lies nearest to retrained counts.

    Args:
        trajectory: of one model.
        losses: tolerated losses of utility against vanilla, in points.
        seed: of the draws; people to forget and people of each set to keep are resampled, each with all of
            their questions.
        draws: how many times.
    """
    generator = np.random.default_rng(seed)
    forget_weights = _weights(generator, len(trajectory.forget.counts), draws)
    utility_weights = [_weights(generator, len(each.counts), draws) for each in trajectory.utility]
    forget = trajectory.forget.means(forget_weights)
    retrained = trajectory.retrained.means(forget_weights)[:, 0]
    of_sets = [each.means(w) for each, w in zip(trajectory.utility, utility_weights, strict=True)]
    utility = np.mean(of_sets, axis=0)
    n = len(trajectory.forget.counts)
    at, away, draws_of = {}, {}, {}
    for loss in losses:
        nearest = nearest_before_loss(forget, utility, retrained, loss, trajectory.is_gradual)
        draws_of[loss] = nearest[1:] - retrained[1:]
        at[loss], away[loss] = _estimate(nearest, n), _estimate(nearest - retrained, n)
    crossing = utility_at_crossing(forget, utility, retrained, trajectory.is_gradual)
    reached = float(np.mean(~np.isnan(crossing[1:])))
    kept_there = None if np.isnan(crossing[0]) else _estimate(crossing, n)
    return EqualUtility(at, away, kept_there, reached, draws_of)


def nearest_before_loss(
    forget: Floats, utility: Floats, retrained: Floats, loss: float, is_gradual: bool = True
) -> Floats:
    """The value of `forget` nearest to retrained before utility has fallen by more than `loss`, [d].

    Args:
        forget: [d, s] about the people to forget, vanilla first.
        utility: [d, s] likewise.
        retrained: [d] about the people to forget.
        loss: tolerated points of utility below vanilla.
        is_gradual: whether models between two states could be had as well.
    """
    limit = utility[:, 0] - loss
    best = forget[:, 0].copy()
    alive = np.ones(len(forget), dtype=bool)

    def consider(value: Floats, allowed: npt.NDArray[np.bool_]) -> None:
        better = allowed & (np.abs(value - retrained) < np.abs(best - retrained))
        best[better] = value[better]

    for state in range(1, forget.shape[1]):
        before, after = utility[:, state - 1], utility[:, state]
        lost = after < limit
        if not is_gradual:
            consider(forget[:, state], ~lost)
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(lost, (before - limit) / (before - after), 1.0)
        start = forget[:, state - 1]
        end = start + share * (forget[:, state] - start)
        consider(end, alive)
        crossed = (np.minimum(start, end) <= retrained) & (retrained <= np.maximum(start, end))
        consider(retrained, alive & crossed)
        alive &= ~lost
    return best


def utility_at_crossing(
    forget: Floats, utility: Floats, retrained: Floats, is_gradual: bool = True
) -> Floats:
    """Utility where `forget` first is no more than retrained, [d]; NaN where it never is. Shapes as above."""
    at = np.where(forget[:, 0] <= retrained, utility[:, 0], np.nan)
    for state in range(1, forget.shape[1]):
        start, end = forget[:, state - 1], forget[:, state]
        arrives = np.isnan(at) & (end <= retrained)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(start > end, (start - retrained) / (start - end), 1.0)
        share = share if is_gradual else np.ones_like(share)
        between = utility[:, state - 1] + share * (utility[:, state] - utility[:, state - 1])
        at[arrives] = between[arrives]
    return at


def _weights(generator: np.random.Generator, people: int, draws: int) -> Floats:
    """How often each person is in each draw, [1 + draws, people]; in the first, everybody is once."""
    drawn = generator.multinomial(people, np.full(people, 1 / people), size=draws)
    return np.vstack([np.ones(people), drawn]).astype(np.float64)


def _estimate(values: Floats, people: int) -> Estimate:
    """The first value, with the central interval of the others; an end is NaN where draws have no value."""
    drawn = np.sort(values[1:])  # NaN last
    low, high = (float(drawn[round(q * (len(drawn) - 1))]) for q in (_EDGE, 1 - _EDGE))
    if np.isnan(values[1:]).mean() > _EDGE:
        low = high = float("nan")
    return Estimate(float(values[0]), low, high, people, n_people=people)
