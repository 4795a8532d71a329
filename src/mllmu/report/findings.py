"""What the numbers say, in sentences; each is computed, and none is written for a hoped-for result."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from mllmu.report.contrasts import Contrast, Verdict, contrast_modalities
from mllmu.report.names import (
    MODALITY_TITLES,
    TASK_TITLES,
    TOLERATED_LOSS,
    UTILITY_SETS,
    accuracies,
    full_title,
    headline,
    lineage_title,
    unlearn_title,
)
from mllmu.report.scores import Condition, Score, Scores
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, VANILLA_LINEAGE, Lineage


class Tone(Enum):
    """Whether a finding is welcome."""

    GOOD = "good"
    BAD = "bad"
    NEUTRAL = "neutral"


@dataclass(frozen=True)
class Finding:
    """One headline with the sentence that backs it."""

    title: str
    text: str
    tone: Tone


@dataclass(frozen=True)
class Standing:
    """One unlearned model at a glance, in points of 100 over all tasks and modalities.

    Attributes:
        lineage: which model.
        forget: mean accuracy on the forget set.
        utility: mean accuracy per utility set, where measured.
        loss: the most that a utility set fell below vanilla; None where there is nothing to compare with.
    """

    lineage: Lineage
    forget: Score
    utility: dict[str, Score]
    loss: float | None

    @property
    def keeps_utility(self) -> bool:
        """Whether no utility set fell further than is tolerated; without vanilla nobody can say so."""
        return self.loss is not None and self.loss <= TOLERATED_LOSS


def accuracy(scores: Scores, condition: Condition, lineage: Lineage, eval_set: str) -> Score | None:
    """Return a model's mean accuracy on one set, over tasks and modalities, in per cent."""
    return scores.mean(
        lineage, condition, [eval_set], scores.modalities(condition), accuracies(condition.protocol)
    )


def standings(scores: Scores, condition: Condition) -> list[Standing]:
    """Return the unlearned models, those that forget most and keep their utility first."""
    vanilla = {name: accuracy(scores, condition, VANILLA_LINEAGE, name) for name in UTILITY_SETS}
    ranked = []
    for lineage in scores.unlearned(condition):
        forget = accuracy(scores, condition, lineage, "forget")
        if forget is None:
            continue
        utility = {
            name: score
            for name in UTILITY_SETS
            if (score := accuracy(scores, condition, lineage, name)) is not None
        }
        losses = [
            before.value - utility[name].value
            for name, before in vanilla.items()
            if before is not None and name in utility
        ]
        ranked.append(Standing(lineage, forget, utility, max(losses, default=None)))
    return sorted(ranked, key=lambda each: (not each.keeps_utility, each.forget.value))


def find(scores: Scores, condition: Condition) -> list[Finding]:
    """Return what one forget ratio's numbers say, most important first."""
    ranked = standings(scores, condition)
    makers = (
        _knowledge(scores, condition),
        _best(scores, condition, ranked),
        _broken(ranked),
        _generality(scores, condition),
        _other_door(scores, condition),
        _paper(contrast_modalities(scores, condition)),
    )
    return [finding for finding in makers if finding is not None]


def _knowledge(scores: Scores, condition: Condition) -> Finding | None:
    gaps: list[tuple[float, bool, str]] = []
    for modality in scores.modalities(condition):
        for metric in headline(condition.protocol):
            vanilla = scores.find(VANILLA_LINEAGE, condition, "forget", modality, metric)
            retrained = scores.find(RETRAINED_LINEAGE, condition, "forget", modality, metric)
            if vanilla is None or retrained is None:
                continue
            gap = (vanilla.value - retrained.value) * metric.scale
            margin = (vanilla.half_width**2 + retrained.half_width**2) ** 0.5 * metric.scale
            cell = f"{TASK_TITLES[metric.task].lower()} ({MODALITY_TITLES[modality].lower()})"
            gaps.append((gap, gap > margin, cell))
    before = accuracy(scores, condition, VANILLA_LINEAGE, "forget")
    guessed = accuracy(scores, condition, RETRAINED_LINEAGE, "forget")
    if not gaps or before is None or guessed is None:
        return None
    smallest = min(gaps)
    text = (
        f"On the forget set the vanilla model answers {_points(before)} % right, the model retrained without "
        "these "
        f"people {_points(guessed)} %. The smallest gap is {smallest[0]:.0f} points, in {smallest[2]}."
    )
    empty = [cell for _, is_real, cell in gaps if not is_real]
    if empty:
        return Finding(
            "Not everywhere is there something to forget",
            f"{text} Nothing to forget, within the intervals, in {_listed(empty)}.",
            Tone.BAD,
        )
    return Finding("There is something to forget", text, Tone.GOOD)


def _best(scores: Scores, condition: Condition, ranked: list[Standing]) -> Finding | None:
    before = accuracy(scores, condition, VANILLA_LINEAGE, "forget")
    guessed = accuracy(scores, condition, RETRAINED_LINEAGE, "forget")
    if before is None or all(each.loss is None for each in ranked):
        return None
    keepers = [each for each in ranked if each.keeps_utility]
    if not keepers:
        return Finding(
            "No method forgets and keeps its utility",
            f"Every unlearned model falls more than {TOLERATED_LOSS:.0f} points below vanilla on retain or "
            "celebrity.",
            Tone.BAD,
        )
    best = keepers[0]
    text = (
        f"Of the {_counted(len(keepers), 'model')} that stay within {TOLERATED_LOSS:.0f} points of vanilla "
        "on retain "
        f"and celebrity, {full_title(best.lineage)} forgets most: {_points(best.forget)} % on forget, after "
        f"{before.value:.0f} % before"
    )
    share = None
    if guessed is not None and before.value > guessed.value:
        share = (before.value - best.forget.value) / (before.value - guessed.value) * 100
        text += f", which is {share:.0f} % of the way to the retrained model ({guessed.value:.0f} %)"
    utility = [f"{each.value:.0f} % on {name}" for name, each in best.utility.items()]
    text += f". It keeps {_listed(utility)}." if utility else "."
    if share is not None and share < 50:
        return Finding("No method that keeps its utility gets half of the way", text, Tone.BAD)
    return Finding(f"{lineage_title(best.lineage)} forgets most at tolerable cost", text, Tone.GOOD)


def _broken(ranked: list[Standing]) -> Finding | None:
    broken = [(each, each.loss) for each in ranked if each.loss is not None and not each.keeps_utility]
    if not broken:
        return None
    described = [f"{full_title(each.lineage)} (−{loss:.0f})" for each, loss in broken]
    text = (
        f"{_listed(described)} lost more than {TOLERATED_LOSS:.0f} points on retain or celebrity. "
        "Low forget scores of such a model show damage, not forgetting."
    )
    verb = "forgets" if len(broken) == 1 else "forget"
    return Finding(f"{len(broken)} of {_counted(len(ranked), 'model')} {verb} by breaking", text, Tone.BAD)


def _generality(scores: Scores, condition: Condition) -> Finding | None:
    gaps = []
    for lineage in scores.unlearned(condition):
        seen = accuracy(scores, condition, lineage, "forget")
        new = accuracy(scores, condition, lineage, "test")
        if seen is not None and new is not None:
            gaps.append(new.value - seen.value)
    seen = accuracy(scores, condition, VANILLA_LINEAGE, "forget")
    new = accuracy(scores, condition, VANILLA_LINEAGE, "test")
    if not gaps or seen is None or new is None:
        return None
    mean = sum(gaps) / len(gaps)
    vanilla_change = new.value - seen.value
    text = (
        f"Asked in other words and with another portrait (test), the unlearned models score {_signed(mean)} "
        "points "
        f"compared with forget, on average; vanilla {_signed(vanilla_change)}."
    )
    if mean > 5:
        return Finding("Rewording brings some of it back", text, Tone.BAD)
    return Finding("What is forgotten stays forgotten when reworded", text, Tone.NEUTRAL)


def _other_door(scores: Scores, condition: Condition) -> Finding | None:
    """How much is left through the modality that unlearning did not touch."""
    parts, widest = [], 0.0
    metrics = accuracies(condition.protocol)
    for way, closed, opened in (("image_text", "face", "name"), ("text", "name", "face")):
        asked = {"face": "image_text", "name": "text"}
        left = {}
        for door in (closed, opened):
            findings = [
                score.value
                for lineage in scores.unlearned(condition)
                if lineage.unlearn_modality == way
                and (score := scores.mean(lineage, condition, ["forget"], [asked[door]], metrics))
            ]
            if findings:
                left[door] = sum(findings) / len(findings)
        if len(left) == 2:
            widest = max(widest, left[opened] - left[closed])
            parts.append(
                f"unlearned on {unlearn_title(way).lower()}, the models still answer {left[closed]:.0f} % "
                "about the "
                f"{closed} but {left[opened]:.0f} % about the {opened}"
            )
    if not parts:
        return None
    text = f"Averaged over methods, on the forget set: {'; '.join(parts)}."
    if widest > 10:
        return Finding("Forgotten through one door, known through the other", text, Tone.BAD)
    return Finding("Faces and names are forgotten together", text, Tone.GOOD)


def _paper(contrasts: list[Contrast]) -> Finding | None:
    claims = [each for each in contrasts if each.verdict is not Verdict.NO_CLAIM]
    if not claims:
        return None
    agreeing = sum(each.verdict is Verdict.AGREES for each in claims)
    against = sum(each.verdict is Verdict.CONTRADICTS for each in claims)
    text = (
        "The paper says that unlearning on text forgets more in generation and cloze, and unlearning on "
        "image + text "
        f"more in classification with images. Of these {len(claims)} comparisons our numbers agree with "
        f"{agreeing} "
        f"and contradict {against}; {len(claims) - agreeing - against} are not decided by the intervals. The "
        "table "
        "under the last figure has the differences."
    )
    return Finding(_paper_title(agreeing, against, len(claims)), text, Tone.NEUTRAL)


def _paper_title(agreeing: int, against: int, claims: int) -> str:
    if agreeing == claims:
        return "The paper's finding on modalities holds"
    if against == claims:
        return "The paper's finding on modalities does not hold"
    if agreeing + against == 0:
        return "The paper's finding on modalities is not decided"
    return f"The paper's finding on modalities holds in {agreeing} of {claims} comparisons"


def _points(score: Score) -> str:
    return f"{score.value:.1f} ±{score.half_width:.1f}"


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _listed(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
