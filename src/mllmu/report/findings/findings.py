"""What the numbers say, in sentences; each is computed, and has its interval or is not said."""

from __future__ import annotations

import math

from mllmu.evaluation import Difference
from mllmu.report.findings.contrasts import Contrast, Verdict, contrast_modalities
from mllmu.report.findings.finding import Finding, Tone, counted, listed, points
from mllmu.report.findings.generality import other_door, reworded
from mllmu.report.names import (
    TOLERATED_LOSS,
    UTILITY_SETS,
    accuracies,
    full_title,
    question_title,
)
from mllmu.report.numbers.comparisons import Measured
from mllmu.report.numbers.ranking import LEVEL, has_something_to_forget
from mllmu.report.numbers.scores import Condition, Scores
from mllmu.report.numbers.standings import Standing, accuracy_cells, standings, utility_title
from mllmu.report.tables.ranking_notes import NO_RANKING
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, VANILLA_LINEAGE


def find(scores: Scores, condition: Condition) -> list[Finding]:
    """Return what one forget ratio's numbers say, most important first."""
    if not scores.comparisons.has_retrained(condition):
        return [Finding("Nothing can be said about differences", NO_RANKING, Tone.NEUTRAL)]
    ranked = standings(scores, condition)
    makers = (
        _knowledge(scores, condition),
        _best(scores, condition, ranked),
        _too_much(scores, ranked),
        _broken(scores, condition, ranked),
        reworded(scores, condition),
        other_door(scores, condition),
        _paper(contrast_modalities(scores, condition)),
    )
    return [finding for finding in makers if finding is not None]


def _knowledge(scores: Scores, condition: Condition) -> Finding | None:
    gaps: list[tuple[Difference, bool | None, str]] = []
    for modality in scores.modalities(condition):
        for metric in accuracies(condition.protocol):  # by which all that follows judges
            cell = Measured("forget", modality, metric)
            gap = scores.comparisons.difference(condition, VANILLA_LINEAGE, RETRAINED_LINEAGE, [cell])
            if gap is not None:
                words = question_title(metric.task, modality)
                gaps.append((gap, has_something_to_forget(scores.comparisons, condition, cell), words))
    if not gaps:
        return None
    smallest, _, where_smallest = min(gaps, key=lambda each: each[0].value)
    text = (
        "On the forget set the smallest difference between vanilla and the model retrained without these "
        f"{'facts' if scores.names_facts else 'people'} is {points(smallest)} points, in {where_smallest}."
    )
    empty = [cell for _, is_real, cell in gaps if not is_real]
    if not empty:
        return Finding("There is something to forget", text, Tone.GOOD)
    whole = len(empty) == len(gaps)
    left_out = (
        f"Vanilla is not significantly better in {listed(empty)}: nothing to forget. What follows leaves "
        "that out."
    )
    if None in (is_real for _, is_real, _ in gaps):
        left_out = (
            "So few people cannot tell whether vanilla is significantly better, however much it knows: what "
            "follows is shown all the same, and decides nothing."
        )
    title = "Nothing can be shown to be forgotten" if whole else "Not everywhere is there something to forget"
    return Finding(title, f"{text} {left_out}", Tone.BAD)


def _best(scores: Scores, condition: Condition, ranked: list[Standing]) -> Finding | None:
    cells = accuracy_cells(scores, condition, "forget")
    before = scores.comparisons.difference(condition, VANILLA_LINEAGE, RETRAINED_LINEAGE, cells)
    if before is None or not ranked or all(each.loss is None for each in ranked):
        return None
    keepers = [each for each in ranked if each.keeps_utility and each.distance is not None]
    # Whoever has no vanilla or retrained model of the same seed may keep its utility, and be nearer.
    are_all_known = all(
        each.loss is not None and (each in keepers or not each.keeps_utility) for each in ranked
    )
    if not keepers and not are_all_known:
        return None
    if not keepers:
        whose = "The unlearned model falls" if len(ranked) == 1 else "Every unlearned model falls"
        text = (
            f"{whose} more than {TOLERATED_LOSS:.0f} points below vanilla on {utility_title(scores, 'or')}."
        )
        return Finding("No method forgets and keeps its utility", text, Tone.BAD)
    staying = f"stay{'s' if len(keepers) == 1 else ''} within {TOLERATED_LOSS:.0f} points of vanilla"
    first = keepers[0]
    how_far = (
        f"{full_title(first.lineage)} is {_apart(first)} from retrained on forget, vanilla {points(before)}."
    )
    left = scores.comparisons.difference(condition, first.lineage, VANILLA_LINEAGE, cells)
    if len(keepers) == 1:
        whole = "all models" if are_all_known else "models that can be compared with retrained"
        return Finding(
            "One method keeps its utility", f"Of {whole} only this {staying}: {how_far}", Tone.NEUTRAL
        )
    tied = [full_title(each.lineage) for each in keepers[1:] if each.best]
    if not first.best:
        text = (
            f"Of the {counted(len(keepers), 'model')} that {staying} on {utility_title(scores)}, the "
            f"nearest to retrained is not significantly nearer than any other. {how_far}"
        )
        return Finding("No method stands out", text, Tone.NEUTRAL)
    text = (
        f"Of the {counted(len(keepers), 'model')} that {staying} on {utility_title(scores)}, this one is "
        f"nearest to retrained: {how_far}"
    )
    if tied:
        text += f" Not significantly farther {'is' if len(tied) == 1 else 'are'} {listed(tied)}."
    if left is None or not (left.value < 0 and left.p_value < LEVEL):
        return Finding(
            f"{full_title(first.lineage)} is nearest, but forgets nothing for sure", text, Tone.BAD
        )
    return Finding(f"{full_title(first.lineage)} is nearest to retrained at tolerable cost", text, Tone.GOOD)


def _apart(standing: Standing) -> str:
    """How far a model is from retrained, on both sides where it is above in one cell and below in another."""
    difference, distance = standing.difference, standing.distance
    assert difference is not None and distance is not None
    text = f"{points(difference)} points"
    if math.isclose(abs(difference.value), distance, abs_tol=0.05):
        return text
    return (
        f"{text} ({distance:.1f} where tasks above and below it do not make up for one another, which is too "
        "large by chance and so without an interval)"
    )


def _too_much(scores: Scores, ranked: list[Standing]) -> Finding | None:
    below = [
        (each, each.difference) for each in ranked if each.over_forgotten and each.difference is not None
    ]
    if not below:
        return None
    described = [f"{full_title(each.lineage)} ({points(distance)})" for each, distance in below]
    text = (
        f"{listed(described)} {'lies' if len(below) == 1 else 'lie'} significantly below retrained on "
        f"forget: a model that never {'learned these facts' if scores.names_facts else 'met these people'} "
        "guesses better."
    )
    verb = "forgets" if len(below) == 1 else "forget"
    return Finding(f"{len(below)} of {counted(len(ranked), 'model')} {verb} too much", text, Tone.BAD)


def _broken(scores: Scores, condition: Condition, ranked: list[Standing]) -> Finding | None:
    described = []
    for each in ranked:
        if each.loss is None or each.keeps_utility:
            continue
        losses = [
            scores.comparisons.difference(
                condition, each.lineage, VANILLA_LINEAGE, accuracy_cells(scores, condition, eval_set)
            )
            for eval_set in UTILITY_SETS
        ]
        worst = min((loss for loss in losses if loss is not None), key=lambda loss: loss.value, default=None)
        if worst is not None and worst.p_value < LEVEL:
            described.append(f"{full_title(each.lineage)} ({points(worst)})")
    if not described:
        return None
    text = (
        f"{listed(described)} lost more than {TOLERATED_LOSS:.0f} points on {utility_title(scores, 'or')}. "
        "Where so much else is gone, low forget scores show damage, not forgetting."
    )
    verb = "breaks" if len(described) == 1 else "break"
    return Finding(f"{len(described)} of {counted(len(ranked), 'model')} {verb}", text, Tone.BAD)


def _paper(contrasts: list[Contrast]) -> Finding | None:
    claims = [each for each in contrasts if each.verdict is not Verdict.NO_CLAIM]
    if not claims:
        return None
    agreeing = sum(each.verdict is Verdict.AGREES for each in claims)
    against = sum(each.verdict is Verdict.CONTRADICTS for each in claims)
    undecided = len(claims) - agreeing - against
    text = (
        "The paper says that unlearning on text forgets more in generation and cloze, and unlearning on "
        "image + text more in classification with images. Our numbers agree in "
        f"{agreeing} of {counted(len(claims), 'comparison')} and contradict in {against}; {undecided} "
        f"{'is' if undecided == 1 else 'are'} not decided. The table under the last figure has the "
        "differences with their intervals."
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
