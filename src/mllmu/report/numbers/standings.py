"""The unlearned models at a glance: how near to retrained on forget, and at what cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mllmu.evaluation import Difference
from mllmu.report.names import FORGOTTEN_SETS, SET_TITLES, TOLERATED_LOSS, UTILITY_SETS, accuracies
from mllmu.report.numbers.comparisons import Measured
from mllmu.report.numbers.ranking import has_something_to_forget, is_nothing_to_forget, rank
from mllmu.report.numbers.scores import Condition, Score, Scores
from mllmu.unlearning.lineage import VANILLA_LINEAGE, Lineage


@dataclass(frozen=True)
class Standing:
    """One unlearned model, in points of 100 over all tasks and modalities.

    Attributes:
        lineage: which model.
        forget: mean accuracy on the forget set, of what there is to forget; None where that is nothing.
        utility: mean accuracy per utility set, where measured.
        loss: the most that a utility set fell below vanilla; None where there is nothing to compare with.
        difference: to retrained on what there is to forget; None where it cannot be told.
        distance: the mean length of that difference over tasks and modalities; see `Rank`.
        best: whether it is nearest to retrained, or not told from the nearest, of those that keep their
            utility; see `rank`.
        over_forgotten: whether it is significantly below retrained.
    """

    lineage: Lineage
    forget: Score | None
    utility: dict[str, Score]
    loss: float | None
    difference: Difference | None = None
    distance: float | None = None
    best: bool = False
    over_forgotten: bool = False

    @property
    def keeps_utility(self) -> bool:
        """Whether no utility set fell further than is tolerated; without vanilla nobody can say so."""
        return self.loss is not None and self.loss <= TOLERATED_LOSS


def accuracy(scores: Scores, condition: Condition, lineage: Lineage, eval_set: str) -> Score | None:
    """Return a model's mean accuracy on one set, in per cent.

    It is over tasks and modalities, without what there is nothing to forget of; None where nothing is left.
    """
    left_out = nothing_to_forget(scores, condition, eval_set)
    if left_out:
        cells = [each for each in _cells(scores, condition, eval_set) if each not in left_out]
        return scores.mean_of_cells(lineage, condition, cells)
    return scores.mean(
        lineage, condition, [eval_set], scores.modalities(condition), accuracies(condition.protocol)
    )


def utility_title(scores: Scores, last: str = "and") -> str:
    """Name the sets of utility: ``retain and celebrity``, with the same people's other facts where asked."""
    measured = set(scores.frame["eval_set"])
    return named_sets([name for name in UTILITY_SETS if name in measured], last)


def utility_on_the_way(scores: Scores, condition: Condition) -> str:
    """Name the sets of utility that all models of a condition were asked on their way."""
    return named_sets(scores.trajectories.utility_sets(condition))


def named_sets(names: Sequence[str], last: str = "and") -> str:
    """Name sets of utility; retain where there are none."""
    *others, end = names or ["retain"]
    titles = [SET_TITLES[name].lower() for name in others]
    return f"{', '.join(titles)} {last} {SET_TITLES[end].lower()}" if titles else SET_TITLES[end].lower()


def nothing_to_forget(scores: Scores, condition: Condition, eval_set: str) -> tuple[Measured, ...]:
    """Return what mean accuracies leave out, because there is nothing to forget of it."""
    cells = _cells(scores, condition, eval_set)
    return tuple(each for each in cells if is_nothing_to_forget(scores.comparisons, condition, each))


def nothing_to_forget_anywhere(scores: Scores, condition: Condition) -> tuple[Measured, ...]:
    """Return the same of all sets about people to forget."""
    return tuple(cell for name in FORGOTTEN_SETS for cell in nothing_to_forget(scores, condition, name))


def accuracy_cells(scores: Scores, condition: Condition, eval_set: str) -> tuple[Measured, ...]:
    """Return what differences of mean accuracies are over: cells of which there is something to forget."""
    cells = _cells(scores, condition, eval_set)
    return tuple(each for each in cells if has_something_to_forget(scores.comparisons, condition, each))


def standings(scores: Scores, condition: Condition) -> list[Standing]:
    """Return the unlearned models: those that keep their utility first, and the nearest to retrained first.

    Where they cannot be compared with retrained they stay in the order of the tables.
    """
    everyone = [each for each in scores.unlearned(condition) if _is_asked(scores, condition, each)]
    losses = {lineage: _loss(scores, condition, lineage) for lineage in everyone}
    cells = accuracy_cells(scores, condition, "forget")
    keepers = [each for each, loss in losses.items() if loss is not None and loss <= TOLERATED_LOSS]
    ranks = dict(zip(everyone, rank(scores.comparisons, condition, everyone, cells), strict=True))
    among_keepers = dict(zip(keepers, rank(scores.comparisons, condition, keepers, cells), strict=True))
    standing = [
        Standing(
            lineage,
            accuracy(scores, condition, lineage, "forget"),
            _utility(scores, condition, lineage),
            losses[lineage],
            ranks[lineage].difference,
            ranks[lineage].distance,
            lineage in among_keepers and among_keepers[lineage].best,
            ranks[lineage].over_forgotten,
        )
        for lineage in everyone
    ]
    return sorted(
        standing,
        key=lambda each: (not each.keeps_utility, math.inf if each.distance is None else each.distance),
    )


def _cells(scores: Scores, condition: Condition, eval_set: str) -> list[Measured]:
    """The accuracies of one set in every modality."""
    return [
        Measured(eval_set, modality, metric)
        for modality in scores.modalities(condition)
        for metric in accuracies(condition.protocol)
    ]


def _is_asked(scores: Scores, condition: Condition, lineage: Lineage) -> bool:
    """Whether any accuracy on the forget set was measured of a model."""
    cells = _cells(scores, condition, "forget")
    measured = (scores.find(lineage, condition, "forget", each.modality, each.metric) for each in cells)
    return any(score is not None for score in measured)


def _utility(scores: Scores, condition: Condition, lineage: Lineage) -> dict[str, Score]:
    scored = {name: accuracy(scores, condition, lineage, name) for name in UTILITY_SETS}
    return {name: score for name, score in scored.items() if score is not None}


def _loss(scores: Scores, condition: Condition, lineage: Lineage) -> float | None:
    before = _utility(scores, condition, VANILLA_LINEAGE)
    after = _utility(scores, condition, lineage)
    losses = []
    for name in before.keys() & after.keys():
        cells = _cells(scores, condition, name)
        # On the same questions of the same seeds, where these are known.
        paired = scores.comparisons.difference(condition, VANILLA_LINEAGE, lineage, cells)
        losses.append(before[name].value - after[name].value if paired is None else paired.value)
    return max(losses, default=None)
