"""Unlearning on names against unlearning on faces: does the paper's finding hold (arXiv 2410.22108)?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from mllmu.report.names import MODALITY_TITLES, TASK_TITLES, ShownMetric, headline
from mllmu.report.scores import Condition, Score, Scores
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
        difference: text minus image + text; negative where text-only unlearning forgets more.
        verdict: whether that agrees with the paper.
    """

    modality: str
    metric: ShownMetric
    text: float
    image_text: float
    difference: Score
    verdict: Verdict

    @property
    def form(self) -> str:
        """Task and evaluation modality in words."""
        return f"{TASK_TITLES[self.metric.task]}, {MODALITY_TITLES[self.modality].lower()} questions"

    @property
    def difference_text(self) -> str:
        """The signed difference with its half-width."""
        return f"{self.difference.value:+.1f} ±{self.difference.half_width:.1f}".replace("-", "−")

    @property
    def claim(self) -> str:
        """What the paper says forgets more here."""
        if not _has_claim(self.modality, self.metric):
            return ""
        return "image + text" if self.metric.task == "classification" else "text"


def contrast_modalities(scores: Scores, condition: Condition) -> list[Contrast]:
    """Compare the two ways of unlearning on the forget set; empty unless some method was run in both.

    The interval of one method's difference adds the two half-widths in quadrature, as if the questions were
    not the same; the mean over methods takes the mean half-width, as if they erred together. Both err on the
    wide side.
    """
    contrasts = []
    for modality in scores.modalities(condition):
        for metric in headline(condition.protocol):
            pairs = list(_pairs(scores, condition, modality, metric))
            if not pairs:
                continue
            count = len(pairs)
            text = sum(first.value for first, _ in pairs) / count
            image_text = sum(second.value for _, second in pairs) / count
            half = sum((first.half_width**2 + second.half_width**2) ** 0.5 for first, second in pairs) / count
            gap = text - image_text
            difference = Score(gap, gap - half, gap + half, sum(first.n for first, _ in pairs))
            verdict = _judge(modality, metric, difference)
            contrasts.append(Contrast(modality, metric, text, image_text, difference, verdict))
    return contrasts


def _pairs(
    scores: Scores, condition: Condition, modality: str, metric: ShownMetric
) -> Iterator[tuple[Score, Score]]:
    for lineage in scores.methods(condition, "text"):
        twin = VANILLA_LINEAGE.unlearned(lineage.method, "image_text")
        first = scores.find(lineage, condition, "forget", modality, metric)
        second = scores.find(twin, condition, "forget", modality, metric)
        if lineage.unlearn_modality == "text" and first is not None and second is not None:
            yield first.scaled(metric.scale), second.scaled(metric.scale)


def _has_claim(modality: str, metric: ShownMetric) -> bool:
    return metric.task != "classification" or modality == "image_text"


def _judge(modality: str, metric: ShownMetric, difference: Score) -> Verdict:
    """Compare with the paper: text wins generation and cloze, image + text classification with images."""
    if not _has_claim(modality, metric):
        return Verdict.NO_CLAIM
    text_should_win = metric.task != "classification"
    if difference.high < 0:
        return Verdict.AGREES if text_should_win else Verdict.CONTRADICTS
    if difference.low > 0:
        return Verdict.CONTRADICTS if text_should_win else Verdict.AGREES
    return Verdict.UNDECIDED
