"""Every set metric as rows of results: its number and interval, or why there is none."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from mllmu.evaluation.scoring.resampling import estimate
from mllmu.evaluation.scoring.score import SCORE_COLUMNS
from mllmu.evaluation.set_metric_registry import SET_METRICS
from mllmu.evaluation.set_metrics.set_metric import OVER_ALL, Models, SetMetric, SetSample

_NOTHING = "no record holds what it needs"
_UNDEFINED = "it is not defined for these answers"


def set_scores(models: Models, seed: int = 0) -> pd.DataFrame:
    """The rows of all set metrics, in the order of the registry.

    Args:
        models: the model that is scored and its references.
        seed: of the resamples.

    Returns:
        The columns of `score`. Where there is no number its value is NaN, and ``missing`` says why; of no
        answers at all there are no rows, and none of metrics that do not apply.
    """
    metrics = () if models.model.records.empty else SET_METRICS.all()
    rows = [row for metric in metrics if metric.applies(models) for row in _rows(metric, models, seed)]
    return pd.DataFrame(rows, columns=list(SCORE_COLUMNS))


def _rows(metric: SetMetric, models: Models, seed: int) -> Iterator[tuple[object, ...]]:
    for sample in _samples(metric, models):
        cell = (sample.eval_set, sample.modality, sample.task, metric.called(sample.of), "")
        one = estimate(
            metric.statistic,
            sample.columns,
            sample.people,
            sample.groups,
            seed=seed,
            interval=metric.interval,
            bounds=metric.bounds,
        )
        n = one.n if sample.n is None else sample.n
        missing = sample.missing or (_UNDEFINED if one.value != one.value else "")
        yield (*cell, one.value, one.low, one.high, n, one.n_people, missing)


def _samples(metric: SetMetric, models: Models) -> list[SetSample]:
    """What the metric is computed from, or a single sample that says why there is nothing."""
    if why := "; ".join(filter(None, map(models.lacks, metric.needs))):
        return [SetSample(OVER_ALL, OVER_ALL, OVER_ALL, missing=why)]
    return list(metric.samples(models)) or [SetSample(OVER_ALL, OVER_ALL, OVER_ALL, missing=_NOTHING)]
