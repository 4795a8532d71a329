"""The facts nearest to those that are to be forgotten: others of the same people, the same of others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from mllmu.evaluation.set_metrics.aligned_values import FORGET, RETAIN, SAME_PERSON, of_metric
from mllmu.evaluation.set_metrics.modality_pairs import accuracies
from mllmu.evaluation.set_metrics.set_metric import OVER_ALL, Asked, Floats, Models, SetSample

if TYPE_CHECKING:
    import pandas as pd


def names_facts(models: Models) -> bool:
    """Whether some facts alone are to be forgotten, so that the same people are asked about others."""
    return bool((models.model.records["eval_set"] == SAME_PERSON).any())


def asks_for_kept_facts(records: pd.DataFrame) -> pd.Series[bool]:
    """Whether records ask for another fact of people to forget, or for the same fact of people to retain.

    The same fact is an attribute that is to be forgotten of others. Where whole people are to be forgotten,
    no record does.
    """
    of_same_person = records["eval_set"] == SAME_PERSON
    requested = (
        set(records.loc[records["eval_set"] == FORGET, "attribute"]) if of_same_person.any() else set()
    )
    return of_same_person | ((records["eval_set"] == RETAIN) & records["attribute"].isin(requested))


def kept_accuracies(asked: Asked) -> pd.DataFrame:
    """The values of a protocol's accuracies on kept facts; no rows where there are none.

    Returns:
        Columns eval_set, modality, task, profile_id, record and value.
    """
    import pandas as pd  # a second, which lists of metrics do not have

    keys = set(asked.keys[asks_for_kept_facts(asked.records)])
    parts = [asked.values.iloc[:0][["eval_set", "modality", "task", "profile_id", "record", "value"]]]
    for task, metric in accuracies(asked).items():
        values = of_metric(metric, (SAME_PERSON, RETAIN))(asked)
        parts.append(values[(values["task"] == task) & values["record"].isin(keys)])
    return pd.concat(parts)


def samples_by_modality(rows: pd.DataFrame, columns: tuple[str, ...], of: str = "") -> Iterator[SetSample]:
    """One sample for each modality, and one for all questions, of one set.

    Args:
        rows: of one set, as from `kept_accuracies`.
        columns: what the statistic takes; after them it is given which task and modality each row is of.
        of: see `SetSample`.
    """
    import pandas as pd  # a second, which lists of metrics do not have

    for modality in (*sorted(set(rows["modality"])), OVER_ALL):
        part = rows if modality == OVER_ALL else rows[rows["modality"] == modality]
        cells, _ = pd.factorize(part["modality"] + "/" + part["task"])
        values = (part[name].to_numpy(dtype="float64") for name in columns)
        yield SetSample(
            str(part["eval_set"].iloc[0]),
            modality,
            OVER_ALL,
            (*values, cells.astype("float64")),
            list(part["profile_id"]),
            of=of,
        )


def mean_of_parts(values: Floats, parts: Floats) -> float:
    """The mean of the parts' means; each counts the same, however many values it has.

    Parts of 100, 0, 50 and of 100 have means of 50 and 100, and so 75.

    Args:
        values: of which the means are taken [n].
        parts: which part each belongs to, counted from 0 [n]; those without a value do not count.
    """
    codes = parts.astype(np.intp)
    counts = np.bincount(codes)
    sums = np.bincount(codes, weights=values)
    return float((sums[counts > 0] / counts[counts > 0]).mean())
