"""The evaluation of another model that one is read against: the retrained model's, or vanilla's."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from mllmu.errors import UserError
from mllmu.evaluation import Item, read_records
from mllmu.evaluation.questions.items import Key
from mllmu.evaluation.records import record_keys, records_of_split
from mllmu.study.pipeline.tables.results_table import only_records

_LOG = logging.getLogger(__name__)


def read_other(folder: Path, protocol: str, option: str) -> pd.DataFrame:
    """Read the records of an evaluation.

    Args:
        folder: of the evaluation.
        protocol: how questions are to have been put.
        option: what named the folder, for errors.

    Raises:
        UserError: there are no records, or questions were put otherwise.
    """
    if not folder.is_dir():
        raise UserError(f"{option} {folder}: no such folder; expected that of an evaluation")
    records = read_records(only_records(folder))
    asked_with = ", ".join(sorted(set(records["protocol"])))
    if asked_with != protocol:
        raise UserError(f"{option} {folder} was asked with protocol {asked_with}; expected {protocol}")
    return records


def common_records(
    records: pd.DataFrame, name: str, items: Sequence[Item], same_sets: bool = True
) -> pd.DataFrame:
    """What another model answered to the items that are asked now, each under the set it counts in now.

    Where it was not asked all of them, or more, a warning says so.

    Args:
        records: of the other evaluation.
        name: what to call it.
        items: what is asked now.
        same_sets: whether items have to count in the same sets there. The vanilla model is the same whoever
            is to be forgotten, the retrained one is not.

    Raises:
        UserError: no question is common to both, one of the same id is worded otherwise (ids are alike in all
            benchmarks of fictitious people), or one counts in another set where it may not.
    """
    texts = {item.question.question_id: item.question.text for item in items}
    texts_before = dict(zip(records["question_id"], records["question"], strict=True))
    same = texts.keys() & texts_before.keys()
    if not same or any(texts[one] != texts_before[one] for one in same):
        raise UserError(f"{name} asked other questions; expected an evaluation on the same benchmark")
    keys = record_keys(records)
    asked_before = set(keys)
    common = [item for item in items if item.key in asked_before]
    if same_sets:
        _require_same_sets(common, dict(zip(keys, records["eval_set"], strict=True)), name)
    distinct = len({item.key for item in common})
    if distinct < len(asked_before) or len(common) < len(items):
        _LOG.warning(
            "%s and this evaluation have %d questions in common, of %d and %d: comparisons are about those.",
            name,
            distinct,
            len(asked_before),
            len({item.key for item in items}),
        )
    return records_of_split(records, common)


def _require_same_sets(items: Sequence[Item], sets_before: Mapping[Key, str], name: str) -> None:
    for item in items:
        if item.eval_set != (before := sets_before[item.key]):
            raise UserError(
                f"{name} counts {item.question.profile_id} among {before}, and this evaluation among "
                f"{item.eval_set}; expected an evaluation of the same people, or facts, to forget"
            )
