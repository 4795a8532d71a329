"""Whether what is forgotten is forgotten in other words and through the other modality as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mllmu.evaluation import Difference, holm
from mllmu.report.findings.finding import Finding, Tone, points
from mllmu.report.names import depends_on_modality, unlearn_title
from mllmu.report.numbers.comparisons import Measured, Term
from mllmu.report.numbers.ranking import LEVEL
from mllmu.report.numbers.scores import Condition, Scores
from mllmu.report.numbers.standings import accuracy_cells
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, VANILLA_LINEAGE, Lineage

_DOORS = {"image_text": "face", "text": "name"}


def reworded(scores: Scores, condition: Condition) -> Finding | None:
    """What unlearning leaves of the knowledge on test against forget; None where that was not measured.

    Test is harder for every model, and so its points do not compare with those of forget. What is compared is
    the share that is left of the way from retrained to vanilla; how long that way is counts as known.
    """
    forget, test = (accuracy_cells(scores, condition, name) for name in ("forget", "test"))
    asked = {replace(each, eval_set="") for each in forget} & {replace(each, eval_set="") for each in test}
    forget, test = (
        tuple(each for each in cells if replace(each, eval_set="") in asked) for cells in (forget, test)
    )
    left = [_left(scores, condition, cells) for cells in (forget, test)]
    if left[0] is None or left[1] is None:
        return None
    change = scores.comparisons.combine(
        condition, [*left[1].terms, *(replace(each, weight=-each.weight) for each in left[0].terms)]
    )
    if change is None:
        return None
    shares = [f"{each.per_cent:.0f} %" for each in left if each]
    text = (
        "Of what Vanilla knows about the people to forget and Retrained does not, the unlearned models have "
        f"{shares[0]} in the words of forget, and {shares[1]} in those of test, where faces have another "
        f"portrait, on average: {points(change)} points."
    )
    forgotten = scores.comparisons.combine(condition, _forgotten(condition, scores, forget))
    if forgotten is None or not (forgotten.value > 0 and forgotten.p_value < LEVEL):
        return Finding("What the words of forget ask for is not forgotten for sure", text, Tone.NEUTRAL)
    if change.p_value >= LEVEL:
        return Finding("Other words and portraits change nothing that can be shown", text, Tone.NEUTRAL)
    if change.value > 0:
        return Finding("Other words and portraits bring some of it back", text, Tone.BAD)
    return Finding(
        "What is forgotten stays forgotten in other words and with other portraits", text, Tone.GOOD
    )


def _forgotten(condition: Condition, scores: Scores, cells: tuple[Measured, ...]) -> list[Term]:
    """Vanilla's mean minus that of all unlearned models."""
    lineages = scores.unlearned(condition)
    return [
        Term(1, VANILLA_LINEAGE, cells),
        *(Term(-1 / len(lineages), each, cells) for each in lineages),
    ]


@dataclass(frozen=True)
class _Left:
    """What is left of what vanilla knows more than retrained, in per cent; terms that add up to it."""

    per_cent: float
    terms: tuple[Term, ...]


def _left(scores: Scores, condition: Condition, cells: tuple[Measured, ...]) -> _Left | None:
    """None where there are no unlearned models, or vanilla is not known to know more than retrained."""
    lineages, combine = scores.unlearned(condition), scores.comparisons.combine
    if not lineages:
        return None
    more = (Term(1, VANILLA_LINEAGE, cells), Term(-1, RETRAINED_LINEAGE, cells))
    left = (
        *(Term(1 / len(lineages), each, cells) for each in lineages),
        Term(-1, RETRAINED_LINEAGE, cells),
    )
    # The share is of what vanilla knows with the seeds that all models have.
    shared = [seed for seed in scores.comparisons.seeds if combine(condition, left, [seed]) is not None]
    whole = combine(condition, more, shared)
    if whole is None or whole.value <= 0 or whole.p_value >= LEVEL:
        return None
    terms = tuple(replace(term, weight=100 / whole.value * term.weight) for term in left)
    rest = combine(condition, terms)
    return None if rest is None else _Left(rest.value, terms)


def other_door(scores: Scores, condition: Condition) -> Finding | None:
    """How much more is left through the modality that unlearning did not touch, relative to vanilla."""
    cells = accuracy_cells(scores, condition, "forget")
    gaps: list[tuple[str, Difference]] = []
    for closed, opened in (("image_text", "text"), ("text", "image_text")):
        lineages = [
            each
            for each in scores.unlearned(condition)
            if each.unlearn_modality == closed and depends_on_modality(each.method)
        ]
        metrics = [{each.metric.key for each in cells if each.modality == way} for way in (opened, closed)]
        shared = metrics[0] & metrics[1]
        sides = [
            tuple(each for each in cells if each.modality == way and each.metric.key in shared)
            for way in (opened, closed)
        ]
        gap = _mean_gap(scores, condition, lineages, sides[0], sides[1], VANILLA_LINEAGE)
        if gap is not None:
            gaps.append((closed, gap))
    if not gaps:
        return None
    parts = [
        f"unlearned on {unlearn_title(closed).lower()}, the models know {points(gap)} points more about the "
        f"{_DOORS['text' if closed == 'image_text' else 'image_text']} than about the {_DOORS[closed]}"
        for closed, gap in gaps
    ]
    text = f"Averaged over methods, on the forget set and relative to vanilla: {'; '.join(parts)}."
    adjusted = holm([gap.p_value for _, gap in gaps])
    if any(gap.value > 0 and p < LEVEL for (_, gap), p in zip(gaps, adjusted, strict=True)):
        return Finding("Forgotten through one door, known through the other", text, Tone.BAD)
    return Finding("No door can be shown to be left open", text, Tone.NEUTRAL)


def _mean_gap(
    scores: Scores,
    condition: Condition,
    lineages: Sequence[Lineage],
    first: tuple[Measured, ...],
    second: tuple[Measured, ...],
    relative_to: Lineage | None = None,
) -> Difference | None:
    """Mean over models of what they score more in the first cells than in the second."""
    if not lineages or not first or not second:
        return None
    share = 1 / len(lineages)
    weights = [(each, share) for each in lineages] + ([(relative_to, -1.0)] if relative_to else [])
    terms = [
        Term(sign * weight, lineage, cells)
        for lineage, weight in weights
        for sign, cells in ((1, first), (-1, second))
    ]
    return scores.comparisons.combine(condition, terms)
