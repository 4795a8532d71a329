"""Who demonstrates: retained people whom no set scores, the same for every model, method and forget ratio."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from mllmu.benchmark.types import Benchmark, Profile, Split
from mllmu.errors import UserError
from mllmu.evaluation.questions.items import Demonstration, Item
from mllmu.evaluation.questions.question_sets import shown_with
from mllmu.suggest import unknown

_DRAW = "draw:"


def choose_demonstrators(
    benchmark: Benchmark, splits: Sequence[Split], said: str, seed: int
) -> list[Profile]:
    """Those who demonstrate, in order.

    Args:
        benchmark: the people.
        splits: all forget ratios of the study; whoever demonstrates is retained under each.
        said: nothing for nobody, ids with commas between them (``001,002``), or ``draw:N`` for as many drawn.
        seed: of the draw, which ranks people by a hash of the seed and their id.

    Raises:
        UserError: `said` has another form, or names somebody who is not retained, or leaves nobody to score.
    """
    if not said.strip():
        return []
    retained = [
        profile_id for profile_id in benchmark.profiles if all(profile_id in split.retain for split in splits)
    ]
    chosen = _drawn(said, retained, seed) if said.startswith(_DRAW) else _named(said, benchmark, retained)
    if len(chosen) >= len(retained):
        raise UserError(
            f"Demonstrators {said!r} are all of the {len(retained)} people who are retained at every forget "
            "ratio: expected fewer, so that somebody is left to score."
        )
    return [benchmark.profiles[profile_id] for profile_id in chosen]


def demonstrate(item: Item, demonstrators: Sequence[Profile]) -> tuple[Demonstration, ...]:
    """One answered question of each demonstrator, of the item's task and modality, original in all.

    The n-th demonstrator answers the n-th such question, so that the attributes vary; what comes before the
    item is the same for all items of a task and modality. Whoever has no such question says nothing.
    """
    shown = []
    for turn, profile in enumerate(demonstrators):
        same = [
            question
            for question in profile.questions
            if question.answerable
            and (question.task, question.modality) == (item.question.task, item.question.modality)
        ]
        if same:
            question = same[turn % len(same)]
            shown.append(Demonstration(question, shown_with(question, profile.image)))
    return tuple(shown)


def _drawn(said: str, retained: Sequence[str], seed: int) -> list[str]:
    """As many people as are asked for."""
    count = said.removeprefix(_DRAW).strip()
    if not count.isdecimal() or int(count) == 0:
        raise UserError(f"Demonstrators {said!r} do not say how many: expected e.g. draw:2.")
    return sorted(retained, key=lambda profile_id: _rank(seed, profile_id))[: int(count)]


def _named(said: str, benchmark: Benchmark, retained: Sequence[str]) -> list[str]:
    """The people who are named, each once."""
    ids = list(dict.fromkeys(one.strip() for one in said.split(",")))
    for profile_id in ids:
        if profile_id not in benchmark.profiles:
            raise unknown("demonstrator", profile_id, benchmark.profiles)
        if profile_id not in retained:
            raise UserError(
                f"Demonstrator {profile_id!r} is to be forgotten: "
                "expected somebody who is retained at every forget ratio."
            )
    return ids


def _rank(seed: int, profile_id: str) -> bytes:
    return hashlib.sha256(f"{seed}/demonstrators/{profile_id}".encode()).digest()
