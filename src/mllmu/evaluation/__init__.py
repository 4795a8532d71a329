"""Did it forget: asking questions (records) and scoring the answers, apart from one another."""

from mllmu.evaluation.asking import ask
from mllmu.evaluation.metrics import METRICS, Metric, get_metric, metric_names
from mllmu.evaluation.protocol import Asking, Part, Protocol, Scored, Written
from mllmu.evaluation.protocols import get_protocol, protocol_names
from mllmu.evaluation.records import read_records, write_records
from mllmu.evaluation.scoring import compare, question_values, score
from mllmu.evaluation.sets import Demonstration, Item, Key, question_sets
from mllmu.evaluation.strict import STRICT

__all__ = [
    "METRICS",
    "STRICT",
    "Asking",
    "Demonstration",
    "Item",
    "Key",
    "Metric",
    "Part",
    "Protocol",
    "Scored",
    "Written",
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
