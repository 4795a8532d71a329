"""The unlearned models at a glance: how near to retrained on forget, and at what cost."""

from __future__ import annotations

from dataclasses import dataclass

from mllmu.evaluation import Difference
from mllmu.report.comparisons import Measured
from mllmu.report.names import TOLERATED_LOSS, UTILITY_SETS, accuracies
from mllmu.report.ranking import has_something_to_forget, rank
from mllmu.report.scores import Condition, Score, Scores
from mllmu.unlearning.lineage import VANILLA_LINEAGE, Lineage


@dataclass(frozen=True)
class Standing:
    """One unlearned model, in points of 100 over all tasks and modalities.

    Attributes:
        lineage: which model.
        forget: mean accuracy on the forget set.
        utility: mean accuracy per utility set, where measured.
        loss: the most that a utility set fell below vanilla; None where there is nothing to compare with.
        distance: difference to retrained on what there is to forget; None where it cannot be told.
        best: whether it is nearest to retrained, or not told from the nearest, of those that keep their
            utility; see `rank`.
        over_forgotten: whether it is significantly below retrained.
    """

    lineage: Lineage
    forget: Score
    utility: dict[str, Score]
    loss: float | None
    distance: Difference | None = None
    best: bool = False
    over_forgotten: bool = False

    @property
    def keeps_utility(self) -> bool:
        """Whether no utility set fell further than is tolerated; without vanilla nobody can say so."""
        return self.loss is not None and self.loss <= TOLERATED_LOSS


def accuracy(scores: Scores, condition: Condition, lineage: Lineage, eval_set: str) -> Score | None:
    """Return a model's mean accuracy on one set, over tasks and modalities, in per cent."""
    return scores.mean(
        lineage, condition, [eval_set], scores.modalities(condition), accuracies(condition.protocol)
    )


def accuracy_cells(scores: Scores, condition: Condition, eval_set: str) -> tuple[Measured, ...]:
    """Return what mean accuracies are over, without what there is nothing to forget of."""
    cells = (
        Measured(eval_set, modality, metric)
        for modality in scores.modalities(condition)
        for metric in accuracies(condition.protocol)
    )
    return tuple(each for each in cells if has_something_to_forget(scores.comparisons, condition, each))


def standings(scores: Scores, condition: Condition) -> list[Standing]:
    """Return the unlearned models: those that keep their utility first, and the nearest to retrained first.

    Where they cannot be compared with retrained they stay in the order of the tables.
    """
    measured = {
        lineage: forget
        for lineage in scores.unlearned(condition)
        if (forget := accuracy(scores, condition, lineage, "forget")) is not None
    }
    losses = {lineage: _loss(scores, condition, lineage) for lineage in measured}
    cells = accuracy_cells(scores, condition, "forget")
    everyone = list(measured)
    keepers = [each for each, loss in losses.items() if loss is not None and loss <= TOLERATED_LOSS]
    ranks = dict(zip(everyone, rank(scores.comparisons, condition, everyone, cells), strict=True))
    among_keepers = dict(zip(keepers, rank(scores.comparisons, condition, keepers, cells), strict=True))
    standing = [
        Standing(
            lineage,
            forget,
            _utility(scores, condition, lineage),
            losses[lineage],
            ranks[lineage].distance,
            lineage in among_keepers and among_keepers[lineage].best,
            ranks[lineage].over_forgotten,
        )
        for lineage, forget in measured.items()
    ]
    return sorted(standing, key=lambda each: (not each.keeps_utility, _length(each.distance)))


def _length(distance: Difference | None) -> float:
    return float("inf") if distance is None else abs(distance.value)


def _utility(scores: Scores, condition: Condition, lineage: Lineage) -> dict[str, Score]:
    scored = {name: accuracy(scores, condition, lineage, name) for name in UTILITY_SETS}
    return {name: score for name, score in scored.items() if score is not None}


def _loss(scores: Scores, condition: Condition, lineage: Lineage) -> float | None:
    before = _utility(scores, condition, VANILLA_LINEAGE)
    after = _utility(scores, condition, lineage)
    losses = [before[name].value - after[name].value for name in before if name in after]
    return max(losses, default=None)
