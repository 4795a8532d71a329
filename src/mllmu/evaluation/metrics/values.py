"""Helpers that several metrics share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mllmu.errors import UserError
from mllmu.evaluation.metrics.metric import Metric, Values
from mllmu.visible_text import brief

if TYPE_CHECKING:
    import pandas as pd

_ROUNDING = 1e-6
_OFFICIAL = "official"
"""How the names of protocols begin that keep to the published evaluation."""


def is_official(records: pd.DataFrame) -> list[bool]:
    """Of each row, whether it was asked by a protocol whose metrics stay exactly as published."""
    return [str(protocol).startswith(_OFFICIAL) for protocol in records["protocol"]]


def per_row(compute: Callable[..., float], *columns: Iterable[object]) -> Values:
    """`compute` of each row of `columns`, as an array [n]; NaN where one of them is missing."""
    rows = zip(*columns, strict=True)
    values = [float("nan") if any(map(_is_missing, row)) else compute(*row) for row in rows]
    return np.asarray(values, dtype=np.float64)


def _is_missing(value: object) -> bool:
    """Whether a record's value is null; pandas has two ways of writing it."""
    return value is None or (isinstance(value, float) and value != value)


def values_by_attribute(records: pd.DataFrame, column: str = "value") -> dict[str, set[str]]:
    """Attribute -> every true value of it in `column`; rows without an attribute are left out."""
    values: dict[str, set[str]] = defaultdict(set)
    for attribute, value in zip(records["attribute"], records[column], strict=True):
        if attribute and isinstance(attribute, str) and isinstance(value, str):
            values[attribute].add(value)
    return values


def per_cent(right: bool) -> float:
    """100 for right, 0 for wrong."""
    return 100.0 if right else 0.0


def mean_nll(log_probs: Sequence[float]) -> float:
    """Negative log-likelihood per token, end token included; NaN where nothing was scored."""
    return -float(np.mean(log_probs)) if len(log_probs) else float("nan")


def checked_values(metric: Metric, records: pd.DataFrame) -> Values:
    """What a metric computes, if it is one number in its unit for each record.

    Raises:
        UserError: if it is something else, as of a metric that somebody brings.
    """
    computed = metric.compute(records)
    try:
        values = np.asarray(computed, dtype=np.float64)
    except (TypeError, ValueError):
        values = np.empty((0, 0))
    if values.shape != (len(records),):
        raise UserError(
            f"Metric '{metric.name}' computed {brief(computed)}; expected one number for each of "
            f"{len(records)} records, NaN where there is none"
        )
    low, high = metric.unit.bounds
    beyond = values[(values < low - _ROUNDING) | (values > high + _ROUNDING)]
    if beyond.size:
        raise UserError(
            f"Metric '{metric.name}' computed {beyond[0]:g}; expected values from {low:g} to {high:g}, as "
            "its unit has them"
        )
    return values
