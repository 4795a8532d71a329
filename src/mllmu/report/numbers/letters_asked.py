"""Which models were asked for letters, and whether their letters tell anything."""

from __future__ import annotations

from mllmu.report.names import letter_metrics, lineage_title
from mllmu.report.numbers.scores import Condition, Score, Scores
from mllmu.unlearning.lineage import VANILLA_LINEAGE, Lineage

# Of four options.
_CHANCE = 25.0
_TAUGHT = ("retain", "forget")


def letters_note(scores: Scores) -> str:
    """Who was asked for letters, in words."""
    every = {lineage for each in scores.conditions for lineage in _lineages(scores, each)}
    asked = {lineage for each in scores.conditions for lineage in asked_for_letters(scores, each)}
    if not asked:
        return "not asked"
    if asked == every:
        return "asked of every model"
    return f"asked of {', '.join(sorted(lineage_title(one) for one in asked))} alone"


def asked_for_letters(scores: Scores, condition: Condition) -> set[Lineage]:
    """The models with a score by letters."""
    return {one for one in _lineages(scores, condition) if _of_letters(scores, condition, one, _TAUGHT)}


def letters_beat_chance(scores: Scores, condition: Condition) -> bool:
    """Whether vanilla's letters about people it learned are right more often than one of four at random.

    Told from the intervals on retain, or on forget where retain was not asked.
    """
    on_retain, on_forget = (_of_letters(scores, condition, VANILLA_LINEAGE, (each,)) for each in _TAUGHT)
    return any(score.low > _CHANCE for score in on_retain or on_forget)


def _lineages(scores: Scores, condition: Condition) -> set[Lineage]:
    ways = scores.unlearn_modalities(condition)
    return {*scores.references(condition), *(one for way in ways for one in scores.methods(condition, way))}


def _of_letters(
    scores: Scores, condition: Condition, lineage: Lineage, eval_sets: tuple[str, ...]
) -> list[Score]:
    """A model's accuracies by letter."""
    return [
        score
        for eval_set in eval_sets
        for modality in scores.modalities(condition)
        for metric in letter_metrics()[:2]
        if (score := scores.find(lineage, condition, eval_set, modality, metric)) is not None
    ]


def letters_are_shown(scores: Scores, condition: Condition) -> bool:
    """Whether there is a table of them: others than vanilla were asked, and vanilla's beat chance."""
    return letters_beat_chance(scores, condition) and asked_for_letters(scores, condition) > {VANILLA_LINEAGE}
