"""All metrics by name."""

from __future__ import annotations

from mllmu.evaluation.metrics.metric import Metric
from mllmu.registry import Registry

METRICS: Registry[Metric] = Registry(
    "metric", "mllmu.evaluation.metrics", "mllmu.metrics", lambda value: isinstance(value, Metric)
)


def metric_names() -> list[str]:
    """All names that `get_metric` knows."""
    return METRICS.names()


def get_metric(name: str) -> Metric:
    """The metric of that name.

    Raises:
        UserError: no metric has that name; near names are suggested.

    Example:
        >>> get_metric("rougeL_f").title
        'ROUGE-L'
    """
    return METRICS.get(name)
