"""All set metrics by name."""

from __future__ import annotations

from mllmu.evaluation.set_metrics.set_metric import SetMetric, split_name
from mllmu.registry import Registry

SET_METRICS: Registry[SetMetric] = Registry(
    "set metric",
    "mllmu.evaluation.set_metrics",
    "mllmu.set_metrics",
    lambda value: isinstance(value, SetMetric),
)


def is_set_metric(metric: str) -> bool:
    """Whether a name in the column ``metric`` of results is that of a set metric: ``normalised(bleu)``."""
    return split_name(metric)[0] in SET_METRICS.names()
