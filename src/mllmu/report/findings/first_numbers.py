"""The numbers of a report that are seen first: large ones for every forget ratio, and a line for each."""

from __future__ import annotations

from dataclasses import dataclass

from mllmu.report.findings.finding import listed
from mllmu.report.intervals import bracketed, with_interval
from mllmu.report.names import SET_TITLES, full_title, lineage_title, question_title, unlearn_title
from mllmu.report.numbers.scores import Condition, Score, Scores
from mllmu.report.numbers.standings import Standing, accuracy, nothing_to_forget, standings
from mllmu.report.tables.grid import DASH
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, VANILLA_LINEAGE


@dataclass(frozen=True)
class Tile:
    """One large number; ``share`` is the length of its bar in per cent."""

    title: str
    number: str
    unit: str
    share: float
    note: str


@dataclass(frozen=True)
class Glance:
    """One forget ratio in one line."""

    title: str
    vanilla: str
    retrained: str
    best: str
    best_forget: str
    note: str


def condition_title(scores: Scores, condition: Condition) -> str:
    """Return a forget ratio in words, with the protocol where there are several."""
    several = len({each.protocol for each in scores.conditions}) > 1
    return f"Forget {condition.forget_ratio} %" + (f" · {condition.protocol}" if several else "")


def make_tiles(scores: Scores, condition: Condition) -> list[Tile]:
    """Return the mean accuracies of vanilla, retrained and the best method, where there is one."""
    tiles = []
    what, missed = ("facts", "learned") if scores.names_facts else ("people", "saw")
    for lineage, title, note in (
        (VANILLA_LINEAGE, "Vanilla on forget", f"knows the {what} to forget"),
        (RETRAINED_LINEAGE, "Retrained on forget", f"never {missed} them: the goal"),
    ):
        score = accuracy(scores, condition, lineage, "forget")
        if score is not None:
            tiles.append(_tile(title, score, note))
    best = _best(scores, condition)
    if best is not None and best.forget is not None:
        name = lineage_title(best.lineage)
        on = unlearn_title(best.lineage.unlearn_modality).lower()
        tiles.append(
            _tile(
                f"{name} on forget",
                best.forget,
                f"nearest to retrained at tolerable cost{on and f' (on {on})'}",
            )
        )
        for eval_set, score in best.utility.items():
            vanilla = accuracy(scores, condition, VANILLA_LINEAGE, eval_set)
            before = f"vanilla {vanilla.value:.1f} %" if vanilla is not None else "what it keeps"
            tiles.append(_tile(f"{name} on {SET_TITLES[eval_set].lower()}", score, before))
    return tiles


def left_out_note(scores: Scores, condition: Condition) -> str:
    """Return what the means on forget leave out; empty where it is nothing."""
    cells = nothing_to_forget(scores, condition, "forget")
    if not cells:
        return ""
    named = listed([question_title(each.metric.task, each.modality) for each in cells])
    return f"Means on forget leave out what there is nothing to forget of (∅): {named}."


def _tile(title: str, score: Score, note: str) -> Tile:
    unit = f"% {bracketed(score, 1)}"
    return Tile(title, f"{score.value:.1f}", unit, min(max(score.value, 0.0), 100.0), note)


def _best(scores: Scores, condition: Condition) -> Standing | None:
    return next((each for each in standings(scores, condition) if each.best), None)


def make_glance(scores: Scores, condition: Condition) -> Glance:
    """Return the same in one line, with the method that is nearest to retrained at tolerable cost."""
    best = _best(scores, condition)
    return Glance(
        title=condition_title(scores, condition),
        vanilla=_brief(accuracy(scores, condition, VANILLA_LINEAGE, "forget")),
        retrained=_brief(accuracy(scores, condition, RETRAINED_LINEAGE, "forget")),
        best=full_title(best.lineage) if best else "none stands out",
        best_forget=_brief(best.forget if best else None),
        note=left_out_note(scores, condition),
    )


def _brief(score: Score | None) -> str:
    return with_interval(score) or DASH
