"""What is asked about whom: people, questions, splits, and the released Parquet layout."""

from mllmu.benchmark.attribute_distributions import Distribution, Range, asked_attributes, distributions
from mllmu.benchmark.benchmark_loader import load_benchmark, load_benchmark_with_report
from mllmu.benchmark.benchmark_statistics import Statistics, statistics
from mllmu.benchmark.fingerprinting import fingerprint
from mllmu.benchmark.images import check_image, image_digest, open_image
from mllmu.benchmark.load_report import LoadReport
from mllmu.benchmark.person_naming import name_person
from mllmu.benchmark.splits import make_splits, official_splits, splits_for
from mllmu.benchmark.types import (
    Benchmark,
    EvaluationSet,
    Modality,
    Profile,
    Question,
    Split,
    Task,
    TrainingQuestion,
)
from mllmu.benchmark.validation_issues import Check, Location, Severity, ValidationIssue
from mllmu.benchmark.writer import write_benchmark

__all__ = [
    "Benchmark",
    "Check",
    "Distribution",
    "EvaluationSet",
    "LoadReport",
    "Location",
    "Modality",
    "Profile",
    "Question",
    "Range",
    "Severity",
    "Split",
    "Statistics",
    "Task",
    "TrainingQuestion",
    "ValidationIssue",
    "asked_attributes",
    "check_image",
    "distributions",
    "fingerprint",
    "image_digest",
    "load_benchmark",
    "load_benchmark_with_report",
    "make_splits",
    "name_person",
    "official_splits",
    "open_image",
    "splits_for",
    "statistics",
    "write_benchmark",
]
