"""Asking each question once, however many sets it counts in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from mllmu.benchmark import Benchmark, Split
from mllmu.evaluation import Item, question_sets


def items_of(benchmark: Benchmark, split: Split) -> list[Item]:
    """All questions of one split, set after set."""
    return [item for items in question_sets(benchmark, split).values() for item in items]


def distinct_items(benchmark: Benchmark, splits: Iterable[Split]) -> list[Item]:
    """What one model has to be asked for several splits.

    A person to forget under one ratio is to be retained under another, and celebrities belong to every
    ratio; the question and its picture stay the same, so its answer is taken once.
    """
    seen: dict[str, Item] = {}
    for split in splits:
        for item in items_of(benchmark, split):
            seen.setdefault(item.question.question_id, item)
    return list(seen.values())


def records_of_split(records: pd.DataFrame, items: Sequence[Item]) -> pd.DataFrame:
    """The records of one split's questions, each under the set it counts in there.

    Args:
        records: answers to at least those questions, one row per question.
        items: the questions of the split; their order is the order of the result.
    """
    rows = records.set_index("question_id", drop=False).loc[[item.question.question_id for item in items]]
    return rows.assign(eval_set=[item.eval_set.value for item in items]).reset_index(drop=True)
