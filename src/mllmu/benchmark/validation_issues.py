"""What is wrong with a benchmark: the list of checks, and an issue with its location."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from mllmu.visible_text import one_line


class Severity(str, Enum):
    """How bad an issue is."""

    ERROR = "error"
    WARNING = "warning"


class Check(Enum):
    """A kind of problem that is checked for: its label and a sentence that explains it."""

    MISSING_FIELD = "missing-field", "a field, an entry or a person's row is missing or empty"
    WRONG_TYPE = "wrong-type", "a value is not of the kind that the release has there"
    CONTROL_SIGN = "control-sign", "a text has a control token of a model or a control character in it"
    SPELLING = "spelling", "a key or an id is spelled in another way than the release spells it"
    DUPLICATE_ID = "duplicate-id", "an id stands in more than one row, or names more than one question"
    SHARED_NAME = "shared-name", "two people have one name"
    UNKNOWN_ID = "unknown-id", "an id names nobody in the set of all people"
    SPLIT = "split", "forget and retain overlap, or somebody is in neither"
    TRAINING_SPLIT = "training-split", "baseline_train_split differs from the benchmark beside it"
    IMAGE = "image", "an image does not decode, is too large, or is too small to show a face"
    CORRECT_OPTION = "correct-option", "the correct answer is not among the options"
    EQUAL_OPTIONS = "equal-options", "two options are the same"
    ALTERNATIVES = "alternatives", "a wrong answer is true, or a paraphrase does not say what is true"
    BLANK = "blank", "a cloze question has no blank, or another one than the release writes"
    ANSWER_IN_QUESTION = "answer-in-question", "the question contains its answer"
    CONFLICTING_ANSWERS = "conflicting-answers", "one question about one person has different answers"
    TEST_WORDING = "test-wording", "a paraphrase of the test set is worded as in training or as the original"
    MODALITY = "modality", "a question with the image names the person, or one without does not"
    SIMILAR_IMAGES = (
        "similar-images",
        "images of different people, or of test and original, are nearly the same",
    )

    def __init__(self, label: str, title: str) -> None:
        self.label = label
        self.title = title


@dataclass(frozen=True)
class Location:
    """File, row and field of something in a benchmark's folder.

    Attributes:
        file: path of the Parquet file, as read.
        row: its row, counted from 0; None where the benchmark's layout has no rows.
        field: its column, with the position inside a list or object, e.g. ``Generation_Task[2]``.
    """

    file: str
    row: int | None
    field: str

    def __str__(self) -> str:
        row = "" if self.row is None else f"row {self.row}, "
        return f"{self.file}, {row}field {self.field}"


@dataclass(frozen=True)
class ValidationIssue:
    """One problem in a benchmark, with its location and what was expected.

    Attributes:
        severity: an error spoils what is asked, taught or scored; a warning is for somebody to look at.
        check: the kind of problem.
        location: file, row and field.
        problem: the actual content, and how loading repaired it if it did.
        expected: the content that was expected.
    """

    severity: Severity
    check: Check
    location: Location
    problem: str
    expected: str

    def __str__(self) -> str:
        return one_line(f"{self.location}: {self.problem}; expected {self.expected}.")

    def as_json(self) -> dict[str, str | int | None]:
        """The issue with its location as one flat JSON object."""
        return {
            "severity": self.severity.value,
            "check": self.check.label,
            "file": self.location.file,
            "row": self.location.row,
            "field": self.location.field,
            "found": self.problem,
            "expected": self.expected,
        }
