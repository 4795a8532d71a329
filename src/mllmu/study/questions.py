"""Asking each question once, however many sets it counts in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from mllmu.evaluation import Item, Key
from mllmu.evaluation.records import record_keys


def distinct_items(splits: Iterable[Sequence[Item]]) -> list[Item]:
    """What one model has to be asked for several splits.

    A person to forget under one ratio is to be retained under another, and celebrities belong to every
    ratio; what is shown and asked stays the same, so its answer is taken once.

    Args:
        splits: the items of each split.
    """
    seen: dict[Key, Item] = {}
    for items in splits:
        for item in items:
            seen.setdefault(item.key, item)
    return list(seen.values())


def records_of_split(records: pd.DataFrame, items: Sequence[Item]) -> pd.DataFrame:
    """The records of one split's items, each under the set it counts in there.

    Args:
        records: answers to at least those items, one row per item.
        items: the items of the split; their order is the order of the result.
    """
    places = {key: place for place, key in enumerate(record_keys(records))}
    rows = records.iloc[[places[item.key] for item in items]]
    return rows.assign(eval_set=[item.eval_set.value for item in items]).reset_index(drop=True)
