"""The table that leads the report: what methods forget at equal utility, the nearest to retrained first."""

from __future__ import annotations

import numpy as np

from mllmu.evaluation.scoring.bootstrap import LEVEL, Estimate
from mllmu.evaluation.scoring.equal_utility import EqualUtility, compare_at_equal_utility
from mllmu.report.grid import Block, Cell, ColumnGroup, Grid, Mark, Row
from mllmu.report.names import MODALITY_TITLES, TOLERATED_LOSS, lineage_title
from mllmu.report.scores import Condition, Score, Scores
from mllmu.report.table_titles import file_name, table_title
from mllmu.unlearning.lineage import Lineage

LOSSES = (5.0, TOLERATED_LOSS)
_SEED = 0
_CAPTION = (
    "Each method at the state of its way that is nearest to retrained before utility (mean accuracy on "
    "retain and celebrity) has fallen by more than 5 or 15 points below vanilla. Forget is mean accuracy on "
    "forget and test, over all questions or those of one modality; From retrained is how far that is from "
    "the retrained model's; the last column is the utility left where Forget first comes down to retrained, "
    "– where it never does. A few questions are asked on the way; 95 % intervals are from resampling people. "
    "Bold is nearest to retrained, or not told from the nearest by the paired difference."
)


def make_equal_utility_grid(scores: Scores, condition: Condition, unlearn_modality: str) -> Grid:
    """Return methods at equal utility, for all questions and for those of each modality.

    It has no blocks where there are no trajectories.
    """
    questions = {"": "All", **MODALITY_TITLES}
    blocks = (
        _block(f"{title} questions", _compare(scores, condition, unlearn_modality, modality))
        for modality, title in questions.items()
    )
    groups = [ColumnGroup(f"At utility −{loss:.0f}", ("Forget ↓", "From retrained")) for loss in LOSSES]
    return Grid(
        name=f"{file_name(condition, unlearn_modality, scores)}-equal-utility",
        title=f"{table_title(condition, unlearn_modality, scores)}: at equal utility",
        caption=_CAPTION,
        groups=(*groups, ColumnGroup("Where Forget is at retrained", ("Utility ↑",))),
        blocks=tuple(block for block in blocks if block.methods),
    )


def _compare(
    scores: Scores, condition: Condition, unlearn_modality: str, modality: str
) -> dict[Lineage, EqualUtility]:
    """Each method on its way, asked about the people to forget in one modality or in all."""
    trajectories = {
        lineage: scores.trajectories.find(lineage, condition, modality)
        for lineage in scores.methods(condition, unlearn_modality)
    }
    return {
        lineage: compare_at_equal_utility(trajectory, LOSSES, _SEED)
        for lineage, trajectory in trajectories.items()
        if trajectory is not None
    }


def _block(title: str, compared: dict[Lineage, EqualUtility]) -> Block:
    near = {loss: _nearest(compared, loss) for loss in LOSSES}
    ordered = sorted(compared, key=lambda each: [abs(compared[each].distance[loss].value) for loss in LOSSES])
    rows = tuple(Row(lineage_title(each), _cells(compared[each], each, near)) for each in ordered)
    return Block(title, ("",) * (2 * len(LOSSES) + 1), (), rows)


def _cells(result: EqualUtility, lineage: Lineage, near: dict[float, set[Lineage]]) -> tuple[Cell, ...]:
    cells = []
    for loss in LOSSES:
        mark = Mark.BEST if lineage in near[loss] else Mark.PLAIN
        cells += [Cell(_score(result.forget[loss]), 1, mark), Cell(_score(result.distance[loss]), 1)]
    return (*cells, Cell(None if result.utility is None else _score(result.utility), 1))


def _nearest(compared: dict[Lineage, EqualUtility], loss: float) -> set[Lineage]:
    """The model nearest to retrained, and those whose distance differs from its within the interval."""
    if not compared:
        return set()
    best = min(compared, key=lambda each: abs(compared[each].distance[loss].value))
    edge = 100 * (1 - LEVEL) / 2
    ties = {best}
    for each, result in compared.items():
        further = np.abs(result.draws[loss]) - np.abs(compared[best].draws[loss])
        if np.percentile(further, edge) <= 0:
            ties.add(each)
    return ties


def _score(estimate: Estimate) -> Score:
    return Score(estimate.value, estimate.low, estimate.high, estimate.n, estimate.n_people)
