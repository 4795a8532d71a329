"""What probes brought back, as a table with a row per question and probe, and as shares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mllmu.benchmark.types import Question
from mllmu.evaluation.metrics.cloze import contains_among
from mllmu.evaluation.questions.items import Item
from mllmu.evaluation.recoverability.probes import PROBES, Probe
from mllmu.evaluation.scoring.bootstrap import Estimate
from mllmu.evaluation.scoring.proportion import clustered_proportion

QUESTION = ["question_id", "profile_id", "modality", "task", "attribute"]
PROBE, RIGHT, FAILED = "probe", "right", "failed"
RETRAINED_RIGHT, VANILLA_RIGHT = "retrained_right", "vanilla_right"


@dataclass(frozen=True)
class Recovery:
    """Shares in per cent, with their intervals over people.

    Attributes:
        failed: of all questions, those that the model fails as they are asked in the evaluation.
        by_probe: of the failed ones, those that a probe brings back, for each probe.
        mean: the knowledge recoverability: the mean over failed questions of the share of probes answered
            right.
        any: of the failed ones, those that one probe at least brings back.
        retrained: the mean of the retrained model on the same probes of the same questions.
        vanilla: that of vanilla: how well the probes are understood.
        retrained_any: of the failed ones, those that retrained answers under one probe at least.
        vanilla_any: the same of vanilla.
    """

    failed: Estimate
    by_probe: Mapping[Probe, Estimate]
    mean: Estimate
    any: Estimate
    retrained: Estimate
    vanilla: Estimate
    retrained_any: Estimate
    vanilla_any: Estimate


def answer_table(
    asked: Sequence[tuple[Question, Mapping[Probe, Item]]],
    records: pd.DataFrame,
    others: Mapping[str, Iterable[str]],
) -> pd.DataFrame:
    """Whether each probe of each question was answered right, columns `QUESTION`, `PROBE` and `RIGHT`.

    An answer is right if it contains the true value, as `contains_among` has it.

    Args:
        asked: questions and their probes, see `probe_items`.
        records: of all the items, in their order.
        others: see `contains_among`; with everybody's values an answer counts as in the evaluation, however
            few people are drawn.

    Raises:
        ValueError: the records are not of these items.
    """
    rows = [
        {
            "question_id": question.question_id,
            "profile_id": question.profile_id,
            "modality": question.modality.value,
            "task": question.task.value,
            "attribute": item.question.attribute,
            PROBE: probe.value,
        }
        for question, items in asked
        for probe, item in items.items()
    ]
    ids = [item.question.question_id for _, items in asked for item in items.values()]
    if ids != list(records["question_id"]):
        raise ValueError("expected the records of all probes, in the order of the questions")
    table = pd.DataFrame(rows, columns=[*QUESTION, PROBE])
    table[RIGHT] = contains_among(records, others) > 0
    return table


def recovery_table(model: pd.DataFrame, retrained: pd.DataFrame, vanilla: pd.DataFrame) -> pd.DataFrame:
    """A model's answers to probes beside those of its references, and whether it failed the question.

    Args:
        model: as from `answer_table`.
        retrained: of the retrained model, asked the same in the same order.
        vanilla: of vanilla, likewise.

    Returns:
        A row per question and probe other than the original one, in their order.

    Raises:
        ValueError: they were not asked the same.
    """
    keys = [*QUESTION, PROBE]
    if not (model[keys].equals(retrained[keys]) and model[keys].equals(vanilla[keys])):
        raise ValueError("expected three models that were asked the same probes in one order")
    originals = model[model[PROBE] == Probe.ORIGINAL.value].set_index("question_id")[RIGHT]
    table = model.copy()
    table[RETRAINED_RIGHT], table[VANILLA_RIGHT] = retrained[RIGHT], vanilla[RIGHT]
    table[FAILED] = ~table["question_id"].map(originals).astype(bool)
    return table[table[PROBE] != Probe.ORIGINAL.value].reset_index(drop=True)


def recovery(table: pd.DataFrame) -> Recovery:
    """The shares of one model and modality; NaN where no question was failed.

    Args:
        table: rows of `recovery_table`.
    """
    questions = table.drop_duplicates("question_id")
    failed = table[table[FAILED]]
    columns = (RIGHT, RETRAINED_RIGHT, VANILLA_RIGHT)
    each = failed.groupby("question_id", sort=False)
    under_any = each.agg(profile_id=("profile_id", "first"), **{name: (name, "any") for name in columns})
    return Recovery(
        _share(questions, FAILED),
        {probe: _share(failed[failed[PROBE] == probe.value], RIGHT) for probe in PROBES},
        _share(failed, RIGHT),
        _share(under_any, RIGHT),
        _share(failed, RETRAINED_RIGHT),
        _share(failed, VANILLA_RIGHT),
        _share(under_any, RETRAINED_RIGHT),
        _share(under_any, VANILLA_RIGHT),
    )


def _share(rows: pd.DataFrame, column: str) -> Estimate:
    return clustered_proportion(np.where(rows[column], 100.0, 0.0), list(rows["profile_id"]))
