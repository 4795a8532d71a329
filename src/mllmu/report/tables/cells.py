"""One cell of a table, marked where there is nothing to forget."""

from __future__ import annotations

from mllmu.report.names import ShownMetric
from mllmu.report.numbers.comparisons import Measured
from mllmu.report.numbers.ranking import has_something_to_forget
from mllmu.report.numbers.scores import Condition, Scores
from mllmu.report.tables.grid import Cell
from mllmu.unlearning.lineage import VANILLA_LINEAGE, Lineage


def make_cell(
    scores: Scores,
    condition: Condition,
    lineage: Lineage,
    eval_set: str,
    modality: str,
    metric: ShownMetric,
    view: str = "",
) -> Cell:
    """A model's score as a cell; vanilla's bears a mark where it does not beat retrained.

    Args:
        scores: everything measured.
        condition: ratio and protocol.
        lineage: whose.
        eval_set: on which set.
        modality: of the questions.
        metric: of which metric and task.
        view: a further view; empty for how the set shows its people by itself.
    """
    score = scores.find(lineage, condition, eval_set, modality, metric, view)
    cell = Cell(score, metric.decimals)
    if lineage != VANILLA_LINEAGE or score is None:
        return cell
    asked = Measured(eval_set, modality, metric, view)
    is_something = has_something_to_forget(scores.comparisons, condition, asked)
    return Cell(score, metric.decimals, nothing_to_forget=is_something is False)
