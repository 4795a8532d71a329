"""What a folder of results says about one model: its scores beside its references, and attacks on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from mllmu.errors import UserError
from mllmu.evaluation.set_metrics.membership import MEMBERSHIP_AUC, MEMBERSHIP_TPR
from mllmu.evaluation.set_metrics.privacy_leakage import PRIVACY_LEAKAGE
from mllmu.report.names import (
    FORGOTTEN_SETS,
    MODALITY_TITLES,
    SET_TITLES,
    TASK_TITLES,
    ShownMetric,
    full_title,
    lineage_title,
    table_metrics,
)
from mllmu.report.numbers.result_columns import LINEAGE
from mllmu.report.numbers.scores import Condition, Score, Scores
from mllmu.report.run_tables import read_depth, read_recoverability, read_results
from mllmu.report.tables.depth_grid import make_depth_grid
from mllmu.report.tables.grid import Block, Cell, ColumnGroup, Grid, Row
from mllmu.report.tables.recoverability_grid import make_recoverability_grid
from mllmu.report.tables.set_metric_table import set_metric_grid
from mllmu.report.tables.table_titles import notes, table_title
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, VANILLA_LINEAGE, Lineage

Asked = tuple[str, str, ShownMetric]
"""An evaluation set, the modality of its questions, and what is measured of the answers."""

_MEMBERSHIP = tuple(each.name for each in (MEMBERSHIP_AUC, MEMBERSHIP_TPR, PRIVACY_LEAKAGE))


def read_model_scores(folder: Path, lineage: Lineage, seed: int, ratios: Sequence[int] = ()) -> Scores:
    """Read what a folder holds of one model, of what was made of it later, and of its references.

    Args:
        folder: of a run, of a report, or of an evaluation.
        lineage: whose scores.
        seed: of its training.
        ratios: the forget ratios that count; all if there are none.

    Raises:
        UserError: there are no results, they are damaged, or they hold nothing of this model.
    """
    lineage = lineage.in_tables

    def rows_of(frame: pd.DataFrame | None) -> pd.DataFrame | None:
        if frame is None:
            return None
        texts = frame[list(LINEAGE)].fillna("").astype(str)
        names = [Lineage.of_columns(*each) for each in texts.itertuples(index=False, name=None)]
        wanted = [
            one in (lineage, RETRAINED_LINEAGE, VANILLA_LINEAGE)
            or one.without_further_steps in (lineage, RETRAINED_LINEAGE)
            for one in names
        ]
        is_judged = frame["forget_ratio"].isin(list(ratios) or frame["forget_ratio"])
        return frame[is_judged & (frame["seed"] == seed) & np.array(wanted, dtype=bool)]

    results = rows_of(read_results(folder))
    assert results is not None
    scores = (
        None
        if results.empty
        else Scores(
            results, depth=rows_of(read_depth(folder)), recoverability=rows_of(read_recoverability(folder))
        )
    )
    if scores is None or not any(asked_of(scores, condition, lineage) for condition in scores.conditions):
        raise UserError(
            f"The results in {folder} hold no score of {full_title(lineage)} with seed {seed}; expected a "
            "folder of a run, report or evaluation that asked this model"
        )
    return scores


def columns_of(lineage: Lineage) -> list[Lineage]:
    """The model, and what it is read beside: the retrained model, and vanilla."""
    return list(dict.fromkeys((lineage, RETRAINED_LINEAGE, VANILLA_LINEAGE)))


def asked_of(scores: Scores, condition: Condition, lineage: Lineage) -> list[Asked]:
    """Everything of the main tables that a model has a score of, set by set."""
    return [
        (eval_set, modality, metric)
        for eval_set in SET_TITLES
        for modality in MODALITY_TITLES
        for metric in table_metrics(condition.protocol)
        if scores.find(lineage, condition, eval_set, modality, metric) is not None
    ]


def score_grid(scores: Scores, condition: Condition, lineage: Lineage) -> Grid:
    """The model's scores beside those of its references, one row for each thing asked."""
    title = table_title(condition, lineage.unlearn_modality, scores)
    asked = asked_of(scores, condition, lineage)
    return _grid(scores, condition, columns_of(lineage), asked, title)


def attack_grids(scores: Scores, condition: Condition, lineage: Lineage) -> Iterator[Grid]:
    """What was done to get the forgotten back, one table for each way in which the folder holds any."""
    for make_grid in (make_recoverability_grid, make_depth_grid):
        if (grid := make_grid(scores, condition, lineage.unlearn_modality)).blocks:
            yield grid
    title = table_title(condition, lineage.unlearn_modality, scores)
    columns = columns_of(lineage)
    membership = set_metric_grid(
        scores, condition, columns, "membership", f"{title}: membership", lambda name: name in _MEMBERSHIP
    )
    if membership.blocks:
        yield membership
    everything = scores.further(condition)
    further = [one for one in everything if one.without_further_steps == lineage]
    if further and not lineage.further_steps:
        asked = [each for each in asked_of(scores, condition, lineage) if each[0] in FORGOTTEN_SETS]
        # Rounding or relearning changes the answers of who never met these people, too.
        pairs = [each for one in further for each in (one, RETRAINED_LINEAGE.treated_as(one))]
        columns = [lineage, RETRAINED_LINEAGE, *(one for one in pairs if one in everything)]
        columns = list(dict.fromkeys(columns))  # a card may be the retrained model's
        yield _grid(scores, condition, columns, asked, f"{title}: after further steps")


def _grid(
    scores: Scores, condition: Condition, columns: Sequence[Lineage], asked: Sequence[Asked], title: str
) -> Grid:
    def row(eval_set: str, modality: str, metric: ShownMetric) -> Row:
        numbers = [scores.find(each, condition, eval_set, modality, metric) for each in columns]
        what = f"{SET_TITLES[eval_set]}, {TASK_TITLES[metric.task].lower()}: {metric.title}"
        cells = tuple(Cell(each, metric.decimals) for each in numbers)
        return Row(f"{what} ({_counts(numbers)})", cells)

    blocks = []
    for modality, modality_title in MODALITY_TITLES.items():
        if rows := tuple(row(*each) for each in asked if each[1] == modality):
            blocks.append(Block(modality_title, ("",) * len(columns), (), rows))
    return Grid(
        name="scores",
        title=title,
        caption=notes(scores),
        groups=(ColumnGroup("", tuple(map(lineage_title, columns))),),
        blocks=tuple(blocks),
    )


def _counts(numbers: Sequence[Score | None]) -> str:
    first = next(each for each in numbers if each is not None)
    return f"n = {first.n}" + (f", people: {first.n_people}" if first.n_people else "")
