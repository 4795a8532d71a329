"""What the report calls things, and in which order it shows them."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Metric:
    """One column of the table, and one panel of a figure.

    Attributes:
        task: the form of question it is measured on.
        key: its name in the results frame.
        title: heading in a table.
        scale: factor that turns the frame's value into points of 100 (1 for per cent, 100 for 0..1).
        decimals: digits shown after the point.
    """

    task: str
    key: str
    title: str
    scale: float
    decimals: int


CLASSIFICATION = Metric("classification", "option_likelihood_accuracy", "Class.", 1.0, 1)
CLOZE = Metric("cloze", "cloze_contains", "Cloze", 1.0, 1)
ROUGE = Metric("generation", "rougeL_f", "ROUGE-L", 100.0, 3)
CONTAINED = Metric("generation", "generation_contains", "Gen. acc.", 1.0, 1)

#: The columns under every set, in the order of the table.
TABLE_METRICS = (CLASSIFICATION, CLOZE, ROUGE, CONTAINED)

#: One headline metric per task, in the order of the figures' panels.
HEADLINE = (CLASSIFICATION, CLOZE, ROUGE)

#: One accuracy per task, all in per cent, so that they may be averaged.
ACCURACIES = (CLASSIFICATION, CLOZE, CONTAINED)

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
