"""Tables of what the paper's does not show: recall, perception, tokens, what is left inside, others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mllmu.benchmark.types import Task
from mllmu.evaluation import METRICS, VIEWS
from mllmu.report.names import (
    MODALITY_TITLES,
    RECALL_SETS,
    SET_TITLES,
    TABLE_SETS,
    TASK_TITLES,
    TOKEN_METRICS,
    ShownMetric,
    letter_metrics,
    lineage_title,
    shown,
    table_metrics,
)
from mllmu.report.numbers.letters_asked import letters_are_shown
from mllmu.report.numbers.scores import Condition, Scores
from mllmu.report.tables.cells import make_cell
from mllmu.report.tables.depth_grid import make_depth_grid
from mllmu.report.tables.grid import Block, ColumnGroup, Grid, Row
from mllmu.report.tables.model_blocks import block, blocks_by_modality, usual_rows
from mllmu.report.tables.ranking_notes import NOTHING_TO_FORGET
from mllmu.report.tables.recoverability_grid import make_recoverability_grid
from mllmu.report.tables.table_columns import column_groups, measured_columns
from mllmu.report.tables.table_titles import file_name, notes, table_title
from mllmu.unlearning.lineage import Lineage

_SEEN = "image_text"


def further_grids(scores: Scores, condition: Condition, unlearn_modality: str) -> Iterator[Grid]:
    """The tables of recall, perception, tokens, depth, recoverability, steps and views that have numbers."""
    if (recall := make_recall_grid(scores, condition, unlearn_modality)).groups:
        yield recall
    if (perception := make_perception_grid(scores, condition, unlearn_modality)).groups:
        yield perception
    if (tokens := make_token_grid(scores, condition, unlearn_modality)).groups:
        yield tokens
    if (depth := make_depth_grid(scores, condition, unlearn_modality)).blocks:
        yield depth
    if (recovered := make_recoverability_grid(scores, condition, unlearn_modality)).blocks:
        yield recovered
    if any(_is_of(each, unlearn_modality) for each in scores.further(condition)):
        yield make_step_grid(scores, condition, unlearn_modality)
    if scores.views(condition):
        yield make_view_grid(scores, condition, unlearn_modality)


def make_recall_grid(scores: Scores, condition: Condition, unlearn_modality: str) -> Grid:
    """Return what is recalled of the people to forget, from the easiest questions to the hardest.

    It has no columns where neither training questions nor withheld wordings were asked.
    """
    rows = usual_rows(scores, condition, unlearn_modality)
    metrics = table_metrics(condition.protocol)
    columns = measured_columns(scores, condition, [*rows[0], *rows[1]], RECALL_SETS, metrics)
    if all(eval_set in TABLE_SETS for eval_set, _ in columns):
        columns = []
    title = f"{table_title(condition, unlearn_modality, scores)}: recall, from easy to hard"
    caption = (
        "Trained asks the questions of fine-tuning word for word, Forget in other words, Test in further "
        "words and about other portraits; Withheld is the part of Test in words that the base model has not "
        "read."
    )
    return Grid(
        name=f"{file_name(condition, unlearn_modality, scores)}-recall",
        title=title,
        caption=f"{caption} {_notes(scores)}",
        groups=column_groups(columns),
        blocks=blocks_by_modality(scores, condition, columns, rows),
    )


def make_perception_grid(scores: Scores, condition: Condition, unlearn_modality: str) -> Grid:
    """Return what models still see in the portraits of the people to forget; nothing is ranked.

    It has no columns where no such question was asked.
    """
    rows = usual_rows(scores, condition, unlearn_modality)
    metrics = table_metrics(condition.protocol)
    columns = measured_columns(scores, condition, [*rows[0], *rows[1]], ("perception",), metrics)
    caption = (
        "What can be seen in the original portraits of the people to forget, such as hair color and glasses. "
        "None of it is to be forgotten: high is good. A model far below vanilla has lost its eyes, and not "
        "its memory alone. Chance is not 25: some questions have fewer options, and most people have "
        "neither glasses nor a beard."
    )
    return Grid(
        name=f"{file_name(condition, unlearn_modality, scores)}-perception",
        title=f"{table_title(condition, unlearn_modality, scores)}: what is still seen",
        caption=f"{caption} {notes(scores)}",
        groups=column_groups(columns),
        blocks=(block(f"{MODALITY_TITLES[_SEEN]} questions", scores, condition, _SEEN, columns, rows),),
    )


def make_token_grid(scores: Scores, condition: Condition, unlearn_modality: str) -> Grid:
    """Return how likely the tokens of true answers are, by what they do; nothing is ranked.

    It has no columns where no answer's tokens could be told apart.
    """
    rows = usual_rows(scores, condition, unlearn_modality)
    metrics = [shown(name, Task.GENERATION) for name in TOKEN_METRICS]
    columns = measured_columns(scores, condition, [*rows[0], *rows[1]], ("trained", *TABLE_SETS), metrics)
    caption = (
        "Mean log-probability in nats of the tokens of true answers, each given all before it. Echo repeats "
        "the question, Value states the fact, Template is the rest. A model that forgets the fact lowers "
        "Value to where the retrained one has it; one that lowers Echo unlearns how the answer begins."
    )
    return Grid(
        name=f"{file_name(condition, unlearn_modality, scores)}-tokens",
        title=f"{table_title(condition, unlearn_modality, scores)}: what became unlikely",
        caption=caption,
        groups=column_groups(columns),
        blocks=blocks_by_modality(scores, condition, columns, rows),
    )


def make_step_grid(scores: Scores, condition: Condition, unlearn_modality: str) -> Grid:
    """Return each model with what was done to it afterwards; nothing is ranked."""
    further = [each for each in scores.further(condition) if _is_of(each, unlearn_modality)]

    def with_further(lineages: Sequence[Lineage]) -> list[Lineage]:
        return [
            row
            for first in lineages
            for row in (first, *(each for each in further if each.without_further_steps == first))
        ]

    references, methods = usual_rows(scores, condition, unlearn_modality)
    rows = (with_further(references), with_further(methods))
    metrics = table_metrics(condition.protocol)
    columns = measured_columns(scores, condition, [*rows[0], *rows[1]], TABLE_SETS, metrics)
    return Grid(
        name=f"{file_name(condition, unlearn_modality, scores)}-steps",
        title=f"{table_title(condition, unlearn_modality, scores)}: after further steps",
        caption=f"Every model, and below it what further steps made of it. {_notes(scores)}",
        groups=column_groups(columns),
        blocks=blocks_by_modality(scores, condition, columns, rows),
    )


def make_view_grid(scores: Scores, condition: Condition, unlearn_modality: str) -> Grid:
    """Return the scores of questions about a picture under every further view; nothing is ranked."""
    rows = usual_rows(scores, condition, unlearn_modality)
    views = scores.views(condition)
    metrics = table_metrics(condition.protocol)
    columns = measured_columns(scores, condition, [*rows[0], *rows[1]], TABLE_SETS, metrics, views)
    return Grid(
        name=f"{file_name(condition, unlearn_modality, scores)}-views",
        title=f"{table_title(condition, unlearn_modality, scores)}: people shown otherwise",
        caption=f"The questions about the original portrait, under further views. {_notes(scores)}",
        groups=column_groups(columns),
        blocks=tuple(
            block(f"{_view_title(view)} portraits", scores, condition, "image_text", columns, rows, view)
            for view in views
        ),
    )


def make_metric_grid(scores: Scores, condition: Condition, unlearn_modality: str) -> Grid:
    """Return every metric that no other table shows, one row for each metric, task and set."""
    lineages = [*scores.references(condition), *scores.methods(condition, unlearn_modality)]
    elsewhere = {(name, each.key) for each in table_metrics(condition.protocol) for name in TABLE_SETS}
    if letters_are_shown(scores, condition):
        elsewhere |= {(name, each.key) for each in letter_metrics() for name in TABLE_SETS}
    metrics = [
        shown(name, Task(task))
        for task, name in scores.metrics(condition)
        if name in METRICS.names() and name not in TOKEN_METRICS
    ]
    blocks = []
    shown_metrics: list[ShownMetric] = []
    for modality in (each for each in MODALITY_TITLES if each in scores.modalities(condition)):
        rows = []
        for eval_set, metric in ((name, metric) for metric in metrics for name in SET_TITLES):
            cells = tuple(
                make_cell(scores, condition, lineage, eval_set, modality, metric) for lineage in lineages
            )
            if (eval_set, metric.key) not in elsewhere and any(cell.score is not None for cell in cells):
                title = f"{metric.metric.title}, {TASK_TITLES[metric.task].lower()}, {SET_TITLES[eval_set]}"
                rows.append(Row(title, cells))
                shown_metrics.append(metric)
        blocks.append(Block(f"{MODALITY_TITLES[modality]} questions", ("",) * len(lineages), (), tuple(rows)))
    measured = {metric.key: metric.metric for metric in shown_metrics}.values()
    cannot_tell = " ".join(
        f"{each.title}: {each.meaning}; {each.direction.value}; it cannot tell {each.blind_spot}."
        for each in measured
        if each.meaning and each.blind_spot
    )
    return Grid(
        name=f"{file_name(condition, unlearn_modality, scores)}-metrics",
        title=f"{table_title(condition, unlearn_modality, scores)}: every other metric",
        caption=f"{_notes(scores)} {cannot_tell}",
        groups=(ColumnGroup("", tuple(map(lineage_title, lineages))),),
        blocks=tuple(block for block in blocks if block.methods),
    )


def _notes(scores: Scores) -> str:
    return f"{notes(scores)} {NOTHING_TO_FORGET}"


def _is_of(lineage: Lineage, unlearn_modality: str) -> bool:
    return lineage.unlearn_modality in (unlearn_modality, "")


def _view_title(view: str) -> str:
    return VIEWS.get(view).title if view in VIEWS.names() else view
