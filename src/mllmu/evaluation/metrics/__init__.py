"""Metrics: pure functions of records, one value per question."""

from mllmu.evaluation.metrics.metric import Metric, Unit
from mllmu.evaluation.metrics.registry import METRICS, get_metric, metric_names

__all__ = ["METRICS", "Metric", "Unit", "get_metric", "metric_names"]
