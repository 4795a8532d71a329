"""The paper's table (arXiv 2410.22108, Table 2) and that of letters, per ratio and unlearning modality."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from mllmu.evaluation import Direction
from mllmu.report.names import (
    MODALITY_TITLES,
    TABLE_SETS,
    TOLERATED_LOSS,
    UTILITY_SETS,
    ShownMetric,
    letter_metrics,
    lineage_title,
    table_metrics,
)
from mllmu.report.numbers.comparisons import Measured
from mllmu.report.numbers.letters_asked import letters_are_shown
from mllmu.report.numbers.ranking import rank
from mllmu.report.numbers.scores import Condition, Score, Scores
from mllmu.report.tables.cells import make_cell
from mllmu.report.tables.equal_utility_table import make_equal_utility_grid
from mllmu.report.tables.further_tables import further_grids, make_metric_grid
from mllmu.report.tables.grid import Block, Cell, Grid, Mark, Row, count_questions
from mllmu.report.tables.ranking_notes import ranking_notes
from mllmu.report.tables.set_metric_table import set_metric_grids
from mllmu.report.tables.table_columns import Column, column_groups, measured_columns
from mllmu.report.tables.table_titles import file_name, notes, table_title
from mllmu.unlearning.lineage import VANILLA, Lineage


def make_grids(
    results: pd.DataFrame,
    person_scores: pd.DataFrame | None = None,
    trajectories: pd.DataFrame | None = None,
) -> list[Grid]:
    """Return the tables of a run, ordered by protocol, forget ratio and unlearning modality."""
    return grids_of(Scores(results, person_scores, trajectories))


def grids_of(scores: Scores) -> list[Grid]:
    """Return the tables of looked-up scores: equal utility, the paper's, those by letter, further ones."""
    cases = [
        (scores, condition, unlearn_modality)
        for condition in scores.conditions
        for unlearn_modality in scores.unlearn_modalities(condition)
    ]
    by_letter = [grid for case in cases if (grid := make_letter_grid(*case)).groups]
    further = [grid for case in cases for grid in further_grids(*case)]
    leading = [grid for case in cases if (grid := make_equal_utility_grid(*case)).blocks]
    return [*leading, *(make_grid(*case) for case in cases), *by_letter, *further]


def metric_grids_of(scores: Scores) -> list[Grid]:
    """Return the tables of set metrics, and of every metric that no other table shows; they are long."""
    cases = [
        (scores, condition, unlearn_modality)
        for condition in scores.conditions
        for unlearn_modality in scores.unlearn_modalities(condition)
    ]
    of_sets = [grid for case in cases for grid in set_metric_grids(*case)]
    return [*of_sets, *(grid for case in cases if (grid := make_metric_grid(*case)).blocks)]


def make_grid(scores: Scores, condition: Condition, unlearn_modality: str) -> Grid:
    """Return one table in the paper's form, of the protocol's headline metrics."""
    name, title = (
        file_name(condition, unlearn_modality, scores),
        table_title(condition, unlearn_modality, scores),
    )
    return _grid(scores, condition, unlearn_modality, table_metrics(condition.protocol), name, title)


def make_letter_grid(scores: Scores, condition: Condition, unlearn_modality: str) -> Grid:
    """Return the table of classification by letter.

    It has no columns where letters were asked of vanilla at most, or where vanilla's do not beat chance.
    """
    name = f"{file_name(condition, unlearn_modality, scores)}-letters"
    title = f"{table_title(condition, unlearn_modality, scores)}: classification by letter"
    metrics = letter_metrics() if letters_are_shown(scores, condition) else ()
    return _grid(scores, condition, unlearn_modality, metrics, name, title)


def _grid(
    scores: Scores,
    condition: Condition,
    unlearn_modality: str,
    metrics: tuple[ShownMetric, ...],
    name: str,
    title: str,
) -> Grid:
    """Return one table; columns and modalities that nothing was measured for are left out."""
    references = scores.references(condition)
    methods = scores.methods(condition, unlearn_modality)
    modalities = [each for each in MODALITY_TITLES if each in scores.modalities(condition)]

    columns = measured_columns(scores, condition, (*references, *methods), TABLE_SETS, metrics)
    shown = [metric for metric in metrics if any(metric is each for _, each in columns)]
    meanings = " ".join(f"{metric.title.rstrip(' ↓')}: {metric.meaning}." for metric in shown)
    return Grid(
        name=name,
        title=title,
        caption=f"{meanings} {notes(scores)} {ranking_notes(scores, condition, shown)}",
        groups=column_groups(columns),
        blocks=tuple(
            _block(scores, condition, modality, columns, references, methods) for modality in modalities
        ),
    )


def _block(
    scores: Scores,
    condition: Condition,
    modality: str,
    columns: list[Column],
    references: tuple[Lineage, ...],
    methods: tuple[Lineage, ...],
) -> Block:
    def cells(lineage: Lineage) -> list[Cell]:
        return [
            make_cell(scores, condition, lineage, eval_set, modality, metric) for eval_set, metric in columns
        ]

    above = [cells(lineage) for lineage in references]
    below = [cells(lineage) for lineage in methods]
    vanilla = _vanilla_scores(references, above, len(columns))
    for index, (eval_set, metric) in enumerate(columns):
        ranks = rank(scores.comparisons, condition, methods, [Measured(eval_set, modality, metric)])
        for row, each in zip(below, ranks, strict=True):
            row[index] = replace(
                row[index],
                mark=Mark.BEST if each.best else Mark.PLAIN,
                damaged=eval_set in UTILITY_SETS and _is_damaged(row[index], vanilla[index], metric),
                over_forgotten=each.over_forgotten,
            )
    return Block(
        title=f"{MODALITY_TITLES[modality]} questions",
        counts=tuple(count_questions([row[index] for row in above + below]) for index in range(len(columns))),
        references=tuple(
            Row(lineage_title(lineage), tuple(row)) for lineage, row in zip(references, above, strict=True)
        ),
        methods=tuple(
            Row(lineage_title(lineage), tuple(row)) for lineage, row in zip(methods, below, strict=True)
        ),
    )


def _vanilla_scores(
    references: tuple[Lineage, ...], rows: list[list[Cell]], width: int
) -> list[Score | None]:
    for lineage, row in zip(references, rows, strict=True):
        if lineage.model == VANILLA:
            return [cell.score for cell in row]
    return [None] * width


def _is_damaged(cell: Cell, vanilla: Score | None, metric: ShownMetric) -> bool:
    if cell.score is None or vanilla is None or metric.metric.direction is Direction.LOWER:
        return False
    return (vanilla.value - cell.score.value) * metric.scale > TOLERATED_LOSS
