"""Blocks of tables whose rows are models and whose columns are sets and metrics."""

from __future__ import annotations

from collections.abc import Sequence

from mllmu.report.names import MODALITY_TITLES, lineage_title
from mllmu.report.numbers.scores import Condition, Scores
from mllmu.report.tables.cells import make_cell
from mllmu.report.tables.grid import Block, Row, count_questions
from mllmu.report.tables.table_columns import Column
from mllmu.unlearning.lineage import Lineage

Rows = tuple[Sequence[Lineage], Sequence[Lineage]]
"""References and methods."""


def usual_rows(scores: Scores, condition: Condition, unlearn_modality: str) -> Rows:
    """The models of a table of the report: those that did not unlearn, and those unlearned on a modality."""
    return scores.references(condition), scores.methods(condition, unlearn_modality)


def blocks_by_modality(
    scores: Scores, condition: Condition, columns: Sequence[Column], rows: Rows
) -> tuple[Block, ...]:
    """One block for each modality of the questions."""
    return tuple(
        block(f"{title} questions", scores, condition, modality, columns, rows)
        for modality, title in MODALITY_TITLES.items()
        if modality in scores.modalities(condition)
    )


def block(
    title: str,
    scores: Scores,
    condition: Condition,
    modality: str,
    columns: Sequence[Column],
    lineages: Rows,
    view: str = "",
) -> Block:
    """The rows of some models, references first, under one title."""

    def row(lineage: Lineage) -> Row:
        cells = (
            make_cell(scores, condition, lineage, name, modality, metric, view) for name, metric in columns
        )
        return Row(lineage_title(lineage), tuple(cells))

    references, methods = (tuple(map(row, each)) for each in lineages)
    every = (*references, *methods)
    counts = tuple(count_questions([row.cells[i] for row in every]) for i in range(len(columns)))
    return Block(title, counts, references, methods)
