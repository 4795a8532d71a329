"""The look-up of set metrics' numbers, and of the reasons why some are missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mllmu.evaluation import SET_METRICS, SetMetric, split_name
from mllmu.report.numbers.result_columns import KEYS, QUANTITY, Condition, named
from mllmu.report.numbers.score_means import (
    Score,
    grouped_rows,
    least_p_value,
    mean_over_seeds,
    numbers_of,
    seeds_of_models,
)
from mllmu.unlearning.lineage import Lineage


@dataclass(frozen=True)
class Quantity:
    """What a set metric's number is of.

    Attributes:
        eval_set: the set, ``all`` over several.
        modality: likewise.
        task: likewise.
        name: of the metric, as results call it: ``normalised(bleu)``.
    """

    eval_set: str
    modality: str
    task: str
    name: str

    @property
    def metric(self) -> SetMetric:
        """The registered metric."""
        return SET_METRICS.get(split_name(self.name)[0])

    @property
    def of(self) -> str:
        """What of several things the number is of; empty where there is one."""
        return split_name(self.name)[1]


class SetScores:
    """The numbers of set metrics, averaged over seeds where each has one; of p-values the least counts.

    Args:
        frame: their rows of ``results.parquet``, with texts that are never missing.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self._scores: dict[tuple[Lineage, Condition, Quantity], Score] = {}
        self._reasons: dict[tuple[Condition, str], set[str]] = {}
        numbers, missing = numbers_of(frame), frame["missing"].to_numpy()
        seeds = seeds_of_models(frame)
        for key, rows in grouped_rows(frame, [*KEYS, *QUANTITY]):
            lineage, condition, *cell = named(key)
            quantity = Quantity(*cell[:4])
            reasons = set(missing[rows]) - {""}
            if np.isinf(numbers[rows, 0]).any():
                reasons.add("the number is beyond what a computer holds")
            expected = seeds[lineage, condition]
            lacking = expected - int(np.isfinite(numbers[rows, 0]).sum())
            if 0 < lacking < expected:
                reasons.add(
                    f"{lacking} of {expected} seeds have no number, and a mean of the others would be of "
                    "chosen ones"
                )
            elif not lacking:
                metric = quantity.metric
                self._scores[lineage, condition, quantity] = (
                    least_p_value(numbers[rows])
                    if metric.is_p_value
                    else mean_over_seeds(numbers[rows], *metric.bounds)
                )
            self._reasons.setdefault((condition, quantity.metric.name), set()).update(reasons)

    def quantities(self, condition: Condition) -> list[Quantity]:
        """Everything there is a number of, in the order of results."""
        return list(dict.fromkeys(key[2] for key in self._scores if key[1] == condition))

    def find(self, lineage: Lineage, condition: Condition, quantity: Quantity) -> Score | None:
        """One number, or None where there is none."""
        return self._scores.get((lineage, condition, quantity))

    def reasons(self, condition: Condition, metric: str) -> list[str]:
        """Why numbers of a metric are missing, each reason once."""
        return sorted(self._reasons.get((condition, metric), ()))
