"""What models forget at equal cost, read off their trajectories, with intervals clustered by person.

Legend of shapes: s states of a model on its way, i people, c cells (set, modality, task), d draws of people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from mllmu.evaluation.scoring.bootstrap import DRAWS, Estimate, Floats
from mllmu.evaluation.scoring.drawn import drawn_difference, drawn_p_value, drawn_proportion, drawn_reach
from mllmu.evaluation.scoring.seed_spread import p_value_with_seeds, widened_by_seeds


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
    """A model compared at equal cost, as a mean over its seeds; all in per cent.

    Attributes:
        forget: accuracy about the people to forget, where it came nearest to retrained.
        distance: how far from retrained that is, above it or below.
        utility: utility where it first came down to retrained; None if it did not with every seed.
        distances: by tolerated loss and seed the distance in every draw of people, [1 + d], everybody once
            first; models that were asked about the same people, and drawn by the same seed, have the same
            draws.
    """

    forget: dict[float, Estimate]
    distance: dict[float, Estimate]
    utility: Estimate | None
    distances: dict[float, dict[int, Floats]] = field(repr=False, compare=False)

    def apart(self, loss: float) -> float:
        """How far from retrained, on either side, as a mean over seeds: one does not make up for another."""
        return float(self.apart_in_draws(loss)[0])

    def apart_in_draws(self, loss: float) -> Floats:
        """The same in every draw of people, [1 + d], everybody once first."""
        return np.mean([np.abs(each) for each in self.distances[loss].values()], axis=0)


def compare_at_equal_utility(
    trajectories: Mapping[int, Trajectory], losses: tuple[float, ...], seed: int, draws: int = DRAWS
) -> EqualUtility:
    """Read trajectories where utility has fallen by so many points, and where they reach retrained.

    Between two states the path is taken to be straight. A model may stop anywhere where it keeps enough
    utility, though it had less on the way: of all these points what lies nearest to retrained counts.

    Every seed's model is read against vanilla and retrained of its seed, and a draw of people is the same for
    all seeds; intervals of several seeds hold for further seeds as well (see `widened_by_seeds`).

    Args:
        trajectories: of one model by seed, at least one, all asked about the same people.
        losses: tolerated losses of utility against vanilla, in points.
        seed: of the draws; people to forget and people of each set to keep are resampled, each with all of
            their questions.
        draws: how many times.
    """
    first = next(iter(trajectories.values()))
    generator = np.random.default_rng(seed)
    weights = [_weights(generator, len(each.counts), draws) for each in (first.forget, *first.utility)]
    read = [_Read.of(each, weights) for each in trajectories.values()]
    asked, people = int(first.forget.counts.sum()), len(first.forget.counts)
    retrained = np.asarray([each.retrained for each in read])
    at, away, distances = {}, {}, {}
    for loss in losses:
        nearest = np.asarray([each.nearest(loss) for each in read])
        gaps = nearest - retrained
        distances[loss] = dict(zip(trajectories, gaps, strict=True))
        forgotten = drawn_proportion(nearest.mean(axis=0), asked, people)
        distance = drawn_difference(nearest.mean(axis=0), retrained.mean(axis=0), asked, people)
        at[loss] = _over_seeds(forgotten, nearest[:, 0], 0.0)
        away[loss] = _over_seeds(distance, gaps[:, 0], -100.0)
    return EqualUtility(at, away, _utility_at_retrained(read, first), distances)


def _utility_at_retrained(read: Sequence[_Read], asked: Trajectory) -> Estimate | None:
    """Utility where Forget first is at retrained; None where it is not with every seed."""
    crossing = np.asarray([each.crossing() for each in read])
    if np.isnan(crossing[:, 0]).any():
        return None
    questions = int(sum(each.counts.sum() for each in asked.utility))
    smallest = min(len(each.counts) for each in (asked.forget, *asked.utility))
    # How sure a number is rests on its smallest group; what it is about is everybody to keep.
    estimate = drawn_proportion(crossing.mean(axis=0), questions, smallest)
    people = sum(len(each.counts) for each in asked.utility)
    return replace(_over_seeds(estimate, crossing[:, 0], 0.0), n_people=people)


def p_value_of_being_further(result: EqualUtility, other: EqualUtility, loss: float) -> float | None:
    """Two-sided p-value of "both lie equally far from retrained", over the seeds that both models have.

    1 where the first is not the farther one on these; None where they share none and cannot be compared.
    """
    mine, theirs = result.distances[loss], other.distances[loss]
    excess = np.asarray([np.abs(mine[seed]) - np.abs(theirs[seed]) for seed in mine if seed in theirs])
    if not len(excess):
        return None
    mean, people = excess.mean(axis=0), result.distance[loss].n_people
    if mean[0] <= 0:
        return 1.0
    return p_value_with_seeds(drawn_p_value(mean, people), drawn_reach(mean, people), excess[:, 0].tolist())


@dataclass(frozen=True)
class _Read:
    """One seed's accuracies in every draw of people: forget and utility [1 + d, s], retrained [1 + d]."""

    forget: Floats
    utility: Floats
    retrained: Floats
    is_gradual: bool

    @classmethod
    def of(cls, trajectory: Trajectory, weights: Sequence[Floats]) -> _Read:
        of_sets = [each.means(w) for each, w in zip(trajectory.utility, weights[1:], strict=True)]
        forget, retrained = (each.means(weights[0]) for each in (trajectory.forget, trajectory.retrained))
        return cls(forget, np.mean(of_sets, axis=0), retrained[:, 0], trajectory.is_gradual)

    def nearest(self, loss: float) -> Floats:
        return nearest_within_loss(self.forget, self.utility, self.retrained, loss, self.is_gradual)

    def crossing(self) -> Floats:
        return utility_at_crossing(self.forget, self.utility, self.retrained, self.is_gradual)


def _over_seeds(estimate: Estimate, of_seeds: Floats, least: float) -> Estimate:
    """The estimate with an interval that holds for further seeds, within its values' bounds."""
    low, high = widened_by_seeds(estimate.value, estimate.low, estimate.high, of_seeds.tolist())
    low, high = (float(end) for end in np.clip([low, high], least, 100.0))
    return replace(estimate, low=low, high=high)


def nearest_within_loss(
    forget: Floats, utility: Floats, retrained: Floats, loss: float, is_gradual: bool = True
) -> Floats:
    """The value of `forget` nearest to retrained where utility has fallen by `loss` at most, [d].

    Args:
        forget: [d, s] about the people to forget, vanilla first.
        utility: [d, s] likewise.
        retrained: [d] about the people to forget.
        loss: tolerated points of utility below vanilla.
        is_gradual: whether models between two states could be had as well.
    """
    limit = utility[:, 0] - loss
    best = forget[:, 0].copy()

    def consider(value: Floats, allowed: npt.NDArray[np.bool_]) -> None:
        better = allowed & (np.abs(value - retrained) < np.abs(best - retrained))
        best[better] = value[better]

    for state in range(1, forget.shape[1]):
        keeps, kept_before = utility[:, state] >= limit, utility[:, state - 1] >= limit
        if not is_gradual:
            consider(forget[:, state], keeps)
            continue
        start, step = forget[:, state - 1], forget[:, state] - forget[:, state - 1]
        with np.errstate(divide="ignore", invalid="ignore"):
            # Where on the way between the two states utility passes the limit.
            share = (utility[:, state - 1] - limit) / (utility[:, state - 1] - utility[:, state])
            low = start + np.where(kept_before, 0.0, share) * step
            high = start + np.where(keeps, 1.0, share) * step
        allowed = kept_before | keeps
        consider(low, allowed)
        consider(high, allowed)
        crossed = (np.minimum(low, high) <= retrained) & (retrained <= np.maximum(low, high))
        consider(retrained, allowed & crossed)
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
