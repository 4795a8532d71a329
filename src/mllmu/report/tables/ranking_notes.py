"""What the marks of a ranked table mean, and what so few people and seeds can and cannot show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from mllmu.evaluation import smallest_p_value
from mllmu.report.names import FORGOTTEN_SETS, TOLERATED_LOSS, ShownMetric
from mllmu.report.numbers.ranking import LEVEL
from mllmu.report.numbers.scores import Condition, Scores
from mllmu.report.run_folder import PERSON_SCORES_FILE
from mllmu.unlearning.lineage import RETRAINED

NO_RANKING = (
    "Nothing is ranked: that needs comparisons with the retrained model on the same questions, and "
    f"{PERSON_SCORES_FILE} with its scores and the methods', as mllmu run writes it, is not there."
)
NOTHING_TO_FORGET = (
    "∅ marks what Vanilla does not know significantly better than Retrained (one-sided): nothing to forget."
)
_RANKING = (
    "Bold is the method nearest to Retrained, by the paired difference on the same questions, with every "
    "method whose distance is not significantly larger (sign-flip test below 25 people, exact up to 16, "
    "bootstrap over people from there on; times the number of others, and further than chance spreads as "
    "many equals); where that is all of them, none is bold. ▽ "
    "marks Forget and Test scores significantly below Retrained: forgetting too much. "
    f"{NOTHING_TO_FORGET} Nothing is bold there."
)
_DAMAGE = (
    f"▼ marks utility more than {TOLERATED_LOSS:.0f} points below vanilla: a method that forgets by breaking."
)


def ranking_notes(scores: Scores, condition: Condition, metrics: Sequence[ShownMetric]) -> str:
    """Return what bold and the signs of a table mean, and the limits of its comparisons.

    Args:
        scores: everything measured.
        condition: ratio and protocol.
        metrics: of the table.
    """
    if not scores.comparisons.has_retrained(condition):
        return f"{NO_RANKING} {_DAMAGE}"
    rivals = max(len(scores.methods(condition, way)) for way in scores.unlearn_modalities(condition)) - 1
    noise = noise_note(noise_floor(scores, condition, metrics), "Forget and Test")
    parts = [_RANKING, _DAMAGE, few_people_note(scores, condition, rivals), noise]
    return " ".join(part for part in parts if part)


def few_people_note(scores: Scores, condition: Condition, family: int) -> str:
    """Return that the people to forget are too few for anything to be significant; empty if they are not.

    Args:
        scores: everything measured.
        condition: ratio and protocol.
        family: how many comparisons are adjusted together (Holm): the smallest p-value counts so many times.
    """
    people = scores.comparisons.people(condition, "forget")
    smallest = smallest_p_value(people)
    if not people or smallest * max(family, 1) < LEVEL:
        return ""
    whom = "1 person" if people == 1 else f"{people} people"
    adjusted = (
        f", {min(1.0, smallest * family):.2g} once {family} are adjusted together" if family > 1 else ""
    )
    return (
        f"{whom} to forget can give no p-value below {smallest:.4g}{adjusted}, so no two methods can be told "
        "apart on Forget and Test."
    )


def noise_floor(
    scores: Scores, condition: Condition, metrics: Sequence[ShownMetric]
) -> tuple[float, float] | None:
    """Mean and largest distance between retrained models of different seeds, in points of 100.

    Over the metrics' scores about people to forget; None where there is one seed only.
    """
    frame = scores.frame
    is_retrained = (
        (frame["model"] == RETRAINED)
        & (frame["further_steps"] == "")
        & (frame["view"] == "")
        & (frame["forget_ratio"] == condition.forget_ratio)
        & (frame["protocol"] == condition.protocol)
        & frame["eval_set"].isin(FORGOTTEN_SETS)
    )
    cells: list[list[float]] = []
    for metric in metrics:
        rows = frame[is_retrained & (frame["task"] == metric.task) & (frame["metric"] == metric.key)]
        for _, values in rows.groupby(["eval_set", "modality"])["value"]:
            cells.append((values.dropna() * metric.scale).tolist())
    return gaps_of_seeds(cells)


def gaps_of_seeds(cells: Iterable[Sequence[float]]) -> tuple[float, float] | None:
    """Mean and largest distance between what any two seeds gave, over cells; None without two seeds."""
    gaps = [abs(one - other) for values in cells for one, other in combinations(values, 2)]
    return (sum(gaps) / len(gaps), max(gaps)) if gaps else None


def noise_note(floor: tuple[float, float] | None, questions: str) -> str:
    """Return how far retrained models of different seeds lie apart; empty where it is unknown.

    Args:
        floor: mean and largest distance in points of 100.
        questions: on what they were compared.
    """
    if floor is None:
        return ""
    return (
        f"Retrained models of different seeds lie {floor[0]:.1f} points of 100 apart on {questions} on "
        f"average, {floor[1]:.1f} at most: a smaller distance to them is none."
    )
