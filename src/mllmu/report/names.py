"""What the report calls things, and in which order it shows them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from mllmu.benchmark.types import Task
from mllmu.evaluation import get_protocol

VANILLA = "vanilla"
RETRAINED = "retrained"
UNLEARNED = "unlearned"

#: Models without a method, in the order of their rows.
REFERENCE_TITLES = {"base": "Base", VANILLA: "Vanilla", RETRAINED: "Retrained"}

METHOD_TITLES = {
    "ga": "GA",
    "grad_diff": "Grad. Diff.",
    "kl_min": "KL Min.",
    "npo": "NPO",
    "prompting": "Prompting",
}

SET_TITLES = {
    "forget": "Forget",
    "test": "Test",
    "retain": "Retain",
    "celebrity": "Celebrity",
    "holdout": "Holdout",
}

#: The sets of the paper's table.
TABLE_SETS = ("forget", "test", "retain", "celebrity")
FORGOTTEN_SETS = ("forget", "test")
UTILITY_SETS = ("retain", "celebrity")

MODALITY_TITLES = {"image_text": "Image + text", "text": "Text"}

UNLEARN_TITLES = {"image_text": "Image + text", "text": "Text only", "both": "Both"}

#: The most that a score kept for utility may fall below vanilla, in points of 100.
TOLERATED_LOSS = 15.0


class Direction(Enum):
    """Which scores a method wants in a column; the value is the arrow that says so."""

    LOWER = "↓"
    HIGHER = "↑"


@dataclass(frozen=True)
class Metric:
    """One column of the table, and one panel of a figure.

    Attributes:
        task: the form of question it is measured on.
        key: its name in the results frame.
        title: heading in a table.
        meaning: what the numbers are, for the caption.
        scale: factor that turns the frame's value into points of 100 (1 for per cent, 100 for 0..1).
        decimals: digits shown after the point.
        direction: which scores are good on every set; None where that is the set's business.
    """

    task: str
    key: str
    title: str
    meaning: str
    scale: float = 1.0
    decimals: int = 1
    direction: Direction | None = None


_BY_OPTION = Metric(
    "classification",
    "option_likelihood_accuracy",
    "Class.",
    "accuracy by option likelihood (%, chance is 25)",
)
_BY_LETTER = Metric(
    "classification", "letter_accuracy", "Class.", "accuracy of the written letter (%, chance is 25)"
)
_CLOZE = Metric("cloze", "cloze_contains", "Cloze", "true value contained (%)")
_ROUGE = Metric("generation", "rougeL_f", "ROUGE-L", "F-measure, 0 to 1", 100.0, 3)
_CONTAINED = Metric(
    "generation", "generation_contains", "Gen. acc.", "true value contained in the free answer (%)"
)
_HEADLINES = {metric.key: metric for metric in (_BY_OPTION, _BY_LETTER, _CLOZE, _ROUGE)}

#: The columns under every set in the table of classification by letter.
LETTER_METRICS = (
    Metric("classification", "letter_accuracy", "Letter", "the written letter is right (%)"),
    Metric("classification", "letter_likelihood_accuracy", "Likeliest", "the likeliest letter is right (%)"),
    Metric(
        "classification",
        "letter_invalid",
        "Invalid ↓",
        "no one letter can be read from the answer, which counts as wrong (%, lower is better on every set)",
        direction=Direction.LOWER,
    ),
)


def headline(protocol: str) -> tuple[Metric, ...]:
    """Return one metric per task, in the order of the figures' panels: the protocol's own.

    Raises:
        UserError: no protocol has that name.
    """
    chosen = get_protocol(protocol).headline
    return tuple(_HEADLINES[chosen[task]] for task in (Task.CLASSIFICATION, Task.CLOZE, Task.GENERATION))


def table_metrics(protocol: str) -> tuple[Metric, ...]:
    """Return the columns under every set, in the order of the table."""
    return (*headline(protocol), _CONTAINED)


def accuracies(protocol: str) -> tuple[Metric, ...]:
    """Return one accuracy per task, all in per cent, so that they may be averaged."""
    classification, cloze, _ = headline(protocol)
    return classification, cloze, _CONTAINED


TASK_TITLES = {"classification": "Classification", "cloze": "Cloze", "generation": "Generation"}


def method_title(method: str) -> str:
    """Return how a method is printed; methods the report does not know keep their own name."""
    return METHOD_TITLES.get(method, method)


def method_order(method: str) -> tuple[int, str]:
    """Return the sort key that puts the paper's methods first, in its order, then the others by name."""
    known = list(METHOD_TITLES)
    return (known.index(method) if method in known else len(known), method)


def unlearn_title(unlearn_modality: str) -> str:
    """Return what unlearning was done on, in words; empty where no modality is named."""
    return UNLEARN_TITLES.get(unlearn_modality, unlearn_modality)


def unlearn_order(unlearn_modality: str) -> tuple[int, str]:
    """Return the sort key image + text, text, both, then anything else by name."""
    known = list(UNLEARN_TITLES)
    return (known.index(unlearn_modality) if unlearn_modality in known else len(known), unlearn_modality)
