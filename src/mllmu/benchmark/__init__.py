"""What is asked about whom: people, questions, splits, and the released Parquet layout."""

from mllmu.benchmark.images import image_digest, open_image
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

__all__ = [
    "Benchmark",
    "EvaluationSet",
    "Modality",
    "Profile",
    "Question",
    "Split",
    "Task",
    "TrainingQuestion",
    "image_digest",
    "make_splits",
    "official_splits",
    "open_image",
    "splits_for",
]
