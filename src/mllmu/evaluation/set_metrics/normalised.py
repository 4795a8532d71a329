"""Every per-question metric on a scale of 0, as vanilla, to 1, as the retrained model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from mllmu.evaluation.metric_registry import METRICS
from mllmu.evaluation.metrics.metric import Direction
from mllmu.evaluation.set_metrics.aligned_values import (
    FORGET,
    TEST_SET,
    TRAINED,
    aligned,
    of_metrics,
    samples_by_cell,
)
from mllmu.evaluation.set_metrics.set_metric import Floats, Goal, Models, ReferenceModel, SetMetric, SetSample
from mllmu.evaluation.set_metrics.vectorised import OfMeans

if TYPE_CHECKING:
    from mllmu.evaluation.scoring.comparison import Difference

NOTHING_TO_FORGET = "vanilla does not beat retrained"
NOT_TOLD_APART = "vanilla is not told from retrained"
TOO_FEW_PEOPLE = "so few people cannot tell vanilla from retrained"
_LEVEL = 0.05


def _share(mean: Floats, vanilla: Floats, retrained: Floats) -> Floats:
    """(mean - vanilla's mean) / (retrained's mean - vanilla's mean); NaN where the two are equal.

    80 % with vanilla's 90 and retrained's 40 is (80 - 90) / (40 - 90) = .2; 30 % would be 1.2.
    """
    way = retrained - vanilla
    return np.divide(mean - vanilla, way, out=np.full_like(way, np.nan), where=way != 0)


share_of_way = OfMeans(_share)


def _samples(models: Models) -> Iterator[SetSample]:
    # A second, which lists of metrics do not have.
    from mllmu.evaluation.scoring.comparison import paired_difference

    columns = ("value", ReferenceModel.VANILLA.value, ReferenceModel.RETRAINED.value)
    take = of_metrics((FORGET, TEST_SET, TRAINED))
    rows = aligned(models, take, ReferenceModel.VANILLA, ReferenceModel.RETRAINED)
    of_metric = {str(name): part for name, part in rows.groupby("metric", sort=False)}
    for metric in METRICS.names():
        for sample in samples_by_cell(of_metric.get(metric, rows.iloc[:0]), columns, metric):
            _, vanilla, retrained = sample.columns
            way = paired_difference(vanilla, retrained, sample.people, seed=0)
            if why := _lacks_a_way(metric, way):
                cell = (sample.eval_set, sample.modality, sample.task)
                yield SetSample(*cell, of=metric, missing=why)
            else:
                yield sample


def _lacks_a_way(metric: str, way: Difference) -> str:
    """Why there is nothing to forget in a cell; empty where there is something.

    Of knowledge vanilla has to have more, as in the report; of other metrics it has to differ.
    """
    from mllmu.evaluation.scoring.comparison import is_beaten

    if METRICS.get(metric).direction is not Direction.KNOWLEDGE:
        return "" if way.p_value < _LEVEL else NOT_TOLD_APART
    is_more = is_beaten(way)
    if is_more is None:
        return TOO_FEW_PEOPLE
    return "" if is_more else NOTHING_TO_FORGET


NORMALISED = SetMetric(
    "normalised",
    "Normalised",
    _samples,
    share_of_way,
    Goal.ONE,
    meaning="0 as vanilla, 1 as retrained; above 1 more is gone than was to be forgotten, below 0 less",
    blind_spot="how much there was to forget, as what vanilla and retrained differ by is always 1",
    needs=(ReferenceModel.VANILLA, ReferenceModel.RETRAINED),
    decimals=2,
)
