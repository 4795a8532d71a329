"""Did it forget: asking questions (records) and scoring the answers, apart from one another."""

from mllmu.evaluation.asking import ask
from mllmu.evaluation.metrics import HEADLINE, METRICS, Metric, get_metric, metric_names
from mllmu.evaluation.protocols import STRICT, STRICT_LETTERS, Protocol, get_protocol, protocol_names
from mllmu.evaluation.records import read_records, write_records
from mllmu.evaluation.scoring import compare, question_values, score
from mllmu.evaluation.sets import Item, question_sets

__all__ = [
    "HEADLINE",
    "METRICS",
    "STRICT",
    "STRICT_LETTERS",
    "Item",
    "Metric",
    "Protocol",
    "ask",
    "compare",
    "get_metric",
    "get_protocol",
    "metric_names",
    "protocol_names",
    "question_sets",
    "question_values",
    "read_records",
    "score",
    "write_records",
]
