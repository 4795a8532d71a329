"""The columns of a table: which set and metric each shows, and the set's heading over them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mllmu.report.names import SET_TITLES, ShownMetric
from mllmu.report.numbers.scores import Condition, Scores
from mllmu.report.tables.grid import ColumnGroup
from mllmu.unlearning.lineage import Lineage

Column = tuple[str, ShownMetric]
"""An evaluation set and a metric."""


def measured_columns(
    scores: Scores,
    condition: Condition,
    lineages: Sequence[Lineage],
    eval_sets: Iterable[str],
    metrics: Sequence[ShownMetric],
    views: Sequence[str] = ("",),
) -> list[Column]:
    """Return the columns, set after set, for which something was measured.

    Args:
        scores: everything measured.
        condition: of the table.
        lineages: the models of the table's rows.
        eval_sets: the sets in order.
        metrics: the columns under every set, in order.
        views: the further views that the table shows; an empty one is how a set shows people by itself.
    """

    def is_measured(eval_set: str, metric: ShownMetric) -> bool:
        return any(
            scores.find(lineage, condition, eval_set, modality, metric, view) is not None
            for lineage in lineages
            for modality in scores.modalities(condition)
            for view in views
        )

    columns = ((eval_set, metric) for eval_set in eval_sets for metric in metrics)
    return [column for column in columns if is_measured(*column)]


def column_groups(columns: Sequence[Column]) -> tuple[ColumnGroup, ...]:
    """Return one heading for every set that the columns are of."""
    return tuple(
        ColumnGroup(
            SET_TITLES[eval_set],
            tuple(metric.title for each, metric in columns if each == eval_set),
        )
        for eval_set in dict.fromkeys(each for each, _ in columns)
    )
