"""Unlearning on names against unlearning on faces: does the paper's finding hold (arXiv 2410.22108)?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from mllmu.evaluation import Difference, holm
from mllmu.report.names import (
    MODALITY_TITLES,
    TASK_TITLES,
    ShownMetric,
    depends_on_modality,
    headline,
    method_title,
)
from mllmu.report.numbers.comparisons import Comparisons, Measured, Term
from mllmu.report.numbers.ranking import LEVEL, has_something_to_forget
from mllmu.report.numbers.scores import Condition, Scores
from mllmu.report.tables.ranking_notes import few_people_note
from mllmu.unlearning.lineage import VANILLA_LINEAGE


class Verdict(Enum):
    """What our numbers say to a claim of the paper."""

    AGREES = "agrees"
    CONTRADICTS = "contradicts"
    UNDECIDED = "not decided"
    NO_CLAIM = "no claim"


@dataclass(frozen=True)
class Contrast:
    """One evaluation modality and task, averaged over the methods.

    Attributes:
        modality: how the questions were asked.
        metric: the task's headline metric.
        text: mean forget score after unlearning on text only, in points of 100.
        image_text: mean forget score after unlearning on image + text, in points of 100.
        difference: text minus image + text on the same questions; negative where text-only unlearning forgets
            more.
        p_value: that of the difference, adjusted for the number of contrasts (Holm).
        verdict: whether that agrees with the paper.
    """

    modality: str
    metric: ShownMetric
    text: float
    image_text: float
    difference: Difference
    p_value: float
    verdict: Verdict

    @property
    def form(self) -> str:
        """Task and evaluation modality in words."""
        return f"{TASK_TITLES[self.metric.task]}, {MODALITY_TITLES[self.modality].lower()} questions"

    @property
    def difference_text(self) -> str:
        """The signed difference with its interval."""
        value, low, high = (
            f"{each:+.1f}" for each in (self.difference.value, self.difference.low, self.difference.high)
        )
        return f"{value} [{low}, {high}]".replace("-", "−")

    @property
    def claim(self) -> str:
        """What the paper says forgets more here."""
        if not _has_claim(self.modality, self.metric):
            return ""
        return "image + text" if self.metric.task == "classification" else "text"


def contrast_modalities(scores: Scores, condition: Condition) -> list[Contrast]:
    """Compare the two ways of unlearning on the forget set, paired by question and person.

    Empty unless some method was run in both and models can be compared. Methods that cannot differ by
    modality are left out, and so is what there is nothing to forget of.
    """
    methods = [each for each in _in_both_ways(scores, condition) if depends_on_modality(each)]
    asked = [
        Measured("forget", modality, metric)
        for modality in scores.modalities(condition)
        for metric in headline(condition.protocol)
    ]
    measured = []
    for cell in asked:
        if has_something_to_forget(scores.comparisons, condition, cell) is not True:
            continue
        both = [method for method in methods if _is_in_both(scores, condition, method, cell)]
        if not both:
            continue
        share = 1 / len(both)
        terms = [
            Term(weight * share, VANILLA_LINEAGE.unlearned(method, way), (cell,))
            for method in both
            for way, weight in (("text", 1), ("image_text", -1))
        ]
        difference = scores.comparisons.combine(condition, terms)
        if difference is not None:
            text, image_text = _means_of_ways(scores.comparisons, condition, terms)
            measured.append((cell, text, image_text, difference))
    adjusted = holm([difference.p_value for *_, difference in measured])
    return [
        Contrast(cell.modality, cell.metric, text, image_text, difference, p, _judge(cell, difference, p))
        for (cell, text, image_text, difference), p in zip(measured, adjusted, strict=True)
    ]


def contrast_note(scores: Scores, condition: Condition) -> str:
    """Return what the contrasts leave out, and whether so few people can show anything."""
    same = [each for each in _in_both_ways(scores, condition) if not depends_on_modality(each)]
    verb = "does" if len(same) == 1 else "do"
    parts = [
        "What there is nothing to forget of is left out.",
        f"{', '.join(map(method_title, same))} {verb} the same on both and {verb} not count." if same else "",
        few_people_note(scores, condition, len(contrast_modalities(scores, condition))),
    ]
    return " ".join(part for part in parts if part)


def _in_both_ways(scores: Scores, condition: Condition) -> list[str]:
    ways: dict[str, set[str]] = {}
    for lineage in scores.unlearned(condition):
        ways.setdefault(lineage.method, set()).add(lineage.unlearn_modality)
    return [method for method, on in ways.items() if {"text", "image_text"} <= on]


def _is_in_both(scores: Scores, condition: Condition, method: str, cell: Measured) -> bool:
    lineages = (VANILLA_LINEAGE.unlearned(method, way) for way in ("text", "image_text"))
    cells = (scores.find(each, condition, cell.eval_set, cell.modality, cell.metric) for each in lineages)
    return all(score is not None for score in cells)


def _means_of_ways(
    comparisons: Comparisons, condition: Condition, terms: Sequence[Term]
) -> tuple[float, float]:
    """What is added and what is taken away, each for itself, over the seeds that the difference is of."""
    seeds = [each for each in comparisons.seeds if comparisons.combine(condition, terms, [each]) is not None]
    means = []
    for sign in (1, -1):
        own = [replace(term, weight=sign * term.weight) for term in terms if sign * term.weight > 0]
        mean = comparisons.combine(condition, own, seeds)
        means.append(0.0 if mean is None else mean.value)
    return means[0], means[1]


def _has_claim(modality: str, metric: ShownMetric) -> bool:
    return metric.task != "classification" or modality == "image_text"


def _judge(cell: Measured, difference: Difference, p_value: float) -> Verdict:
    """Compare with the paper: text wins generation and cloze, image + text classification with images."""
    if not _has_claim(cell.modality, cell.metric):
        return Verdict.NO_CLAIM
    if not p_value < LEVEL:
        return Verdict.UNDECIDED
    text_should_win = cell.metric.task != "classification"
    return Verdict.AGREES if (difference.value < 0) == text_should_win else Verdict.CONTRADICTS
