"""The paper's table (arXiv 2410.22108, Table 2) and that of letters, per ratio and unlearning modality."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from mllmu.report.grid import Block, Cell, Grid, Group, Row, mark_column
from mllmu.report.names import (
    FORGOTTEN_SETS,
    LETTER_METRICS,
    MODALITY_TITLES,
    SET_TITLES,
    TABLE_SETS,
    TOLERATED_LOSS,
    UTILITY_SETS,
    VANILLA,
    Direction,
    Metric,
    table_metrics,
    unlearn_title,
)
from mllmu.report.scores import Condition, Score, Scores, Subject

_NOTES = (
    "± is half the 95 % interval (bootstrap clustered by person){seeds}; n counts questions, each once per "
    "portrait. Among the methods the best is bold and the second best underlined: as in the paper, lower is "
    "better on Forget and Test and higher on Retain and Celebrity, whatever the Retrained row says."
)
_DAMAGE = (
    f"▼ marks utility more than {TOLERATED_LOSS:.0f} points below vanilla: a method that forgets by breaking."
)

_Column = tuple[str, Metric]


def make_grids(results: pd.DataFrame) -> list[Grid]:
    """Return the tables of a run, ordered by protocol, forget ratio and unlearning modality."""
    return grids_of(Scores(results))


def grids_of(scores: Scores) -> list[Grid]:
    """Return the tables of scores that are already looked up: the paper's, then those by letter."""
    places = [
        (scores, condition, unlearn_modality)
        for condition in scores.conditions
        for unlearn_modality in scores.unlearn_modalities(condition)
    ]
    by_letter = [make_letter_grid(*place) for place in places]
    return [make_grid(*place) for place in places] + [grid for grid in by_letter if grid.groups]


def make_grid(scores: Scores, condition: Condition, unlearn_modality: str) -> Grid:
    """Return one table in the paper's form, of the protocol's headline metrics."""
    name, title = _file_name(condition, unlearn_modality, scores), _title(condition, unlearn_modality, scores)
    return _grid(scores, condition, unlearn_modality, table_metrics(condition.protocol), name, title)


def make_letter_grid(scores: Scores, condition: Condition, unlearn_modality: str) -> Grid:
    """Return the table of classification by letter; it has no columns where letters were not asked for."""
    name = f"{_file_name(condition, unlearn_modality, scores)}-letters"
    title = f"{_title(condition, unlearn_modality, scores)}: classification by letter"
    return _grid(scores, condition, unlearn_modality, LETTER_METRICS, name, title)


def _grid(
    scores: Scores,
    condition: Condition,
    unlearn_modality: str,
    metrics: tuple[Metric, ...],
    name: str,
    title: str,
) -> Grid:
    """Return one table; columns and modalities that nothing was measured for are left out."""
    references = scores.references(condition)
    methods = scores.methods(condition, unlearn_modality)
    modalities = [each for each in MODALITY_TITLES if each in scores.modalities(condition)]

    def is_measured(column: _Column) -> bool:
        return any(
            scores.find(subject, condition, column[0], modality, column[1]) is not None
            for subject in (*references, *methods)
            for modality in modalities
        )

    columns = [column for name in TABLE_SETS for metric in metrics if is_measured(column := (name, metric))]
    groups = tuple(
        Group(
            SET_TITLES[name],
            _direction(name),
            tuple(metric.title for eval_set, metric in columns if eval_set == name),
        )
        for name in dict.fromkeys(eval_set for eval_set, _ in columns)
    )
    shown = [metric for metric in metrics if any(metric is each for _, each in columns)]
    meanings = " ".join(f"{metric.title.rstrip(' ↓')}: {metric.meaning}." for metric in shown)
    seeds = f", with the spread of {len(scores.seeds)} seeds" if len(scores.seeds) > 1 else ""
    return Grid(
        name=name,
        title=title,
        caption=f"{meanings} {_NOTES.format(seeds=seeds)} {_DAMAGE}",
        groups=groups,
        blocks=tuple(
            _block(scores, condition, modality, columns, references, methods) for modality in modalities
        ),
    )


def _direction(eval_set: str) -> Direction:
    return Direction.LOWER if eval_set in FORGOTTEN_SETS else Direction.HIGHER


def _block(
    scores: Scores,
    condition: Condition,
    modality: str,
    columns: list[_Column],
    references: tuple[Subject, ...],
    methods: tuple[Subject, ...],
) -> Block:
    def cells(subject: Subject) -> list[Cell]:
        return [
            Cell(scores.find(subject, condition, eval_set, modality, metric), metric.decimals)
            for eval_set, metric in columns
        ]

    above = [cells(subject) for subject in references]
    below = [cells(subject) for subject in methods]
    vanilla = _vanilla_scores(references, above, len(columns))
    for index, (eval_set, metric) in enumerate(columns):
        direction = metric.direction or _direction(eval_set)
        for row, cell in zip(below, mark_column([row[index] for row in below], direction), strict=True):
            damaged = eval_set in UTILITY_SETS and _is_damaged(cell, vanilla[index], metric)
            row[index] = replace(cell, damaged=damaged)
    return Block(
        title=f"{MODALITY_TITLES[modality]} questions",
        counts=tuple(_count([row[index] for row in above + below]) for index in range(len(columns))),
        references=tuple(
            Row(subject.title, tuple(row)) for subject, row in zip(references, above, strict=True)
        ),
        methods=tuple(Row(subject.title, tuple(row)) for subject, row in zip(methods, below, strict=True)),
    )


def _vanilla_scores(
    references: tuple[Subject, ...], rows: list[list[Cell]], width: int
) -> list[Score | None]:
    for subject, row in zip(references, rows, strict=True):
        if subject.model == VANILLA:
            return [cell.score for cell in row]
    return [None] * width


def _is_damaged(cell: Cell, vanilla: Score | None, metric: Metric) -> bool:
    if cell.score is None or vanilla is None or metric.direction is Direction.LOWER:
        return False
    return (vanilla.value - cell.score.value) * metric.scale > TOLERATED_LOSS


def _count(cells: list[Cell]) -> str:
    counts = sorted({cell.score.n for cell in cells if cell.score is not None})
    if not counts:
        return ""
    return str(counts[0]) if counts[0] == counts[-1] else f"{counts[0]}–{counts[-1]}"


def _title(condition: Condition, unlearn_modality: str, scores: Scores) -> str:
    title = f"Forgetting {condition.forget_ratio} %"
    if unlearn_modality:
        title += f", unlearned on {unlearn_title(unlearn_modality).lower()}"
    if len({each.protocol for each in scores.conditions}) > 1:
        title += f" (protocol {condition.protocol})"
    return title


def _file_name(condition: Condition, unlearn_modality: str, scores: Scores) -> str:
    parts = [f"forget_{condition.forget_ratio}", unlearn_modality]
    if len({each.protocol for each in scores.conditions}) > 1:
        parts.append(condition.protocol)
    name = "-".join(part for part in parts if part)
    return "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in name)
