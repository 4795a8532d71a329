"""Forget/retain splits: the published ones, and seeded ones for other people and ratios."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from importlib import resources

from mllmu.benchmark.types import Split
from mllmu.errors import UserError

OFFICIAL_RATIOS = (5, 10, 15)
OFFICIAL_IDS = tuple(f"{number:03d}" for number in range(1, 501))


def make_splits(
    profile_ids: Sequence[str], ratios: Sequence[int], seed: int, nested: bool = False
) -> dict[int, Split]:
    """Draw one forget/retain split per forget ratio.

    People are ranked by a hash of the seed and their id, and the first of them are forgotten: the draw
    does not depend on the order of ``profile_ids``, and a new person moves at most one other.

    Args:
        profile_ids: the fictitious people, each once.
        ratios: per cent of the people to forget, each 1 to 99.
        seed: another seed gives other people.
        nested: one ranking for all ratios, so that a smaller forget set lies inside a larger one;
            otherwise every ratio has a ranking of its own, as in the published splits.

    Returns:
        Ratio -> split, ratios ascending; ids keep the order of ``profile_ids``. The forget set has
        ``round(n * ratio / 100)`` people, at least one.

    Raises:
        UserError: a ratio is outside 1 to 99, an id is repeated, or nobody would be left to retain.

    Example:
        >>> split = make_splits(["001", "002", "003", "004"], ratios=[25], seed=0)[25]
        >>> len(split.forget), len(split.retain)
        (1, 3)
    """
    if len(set(profile_ids)) != len(profile_ids):
        raise UserError("The profile ids to split name a person twice; expected every id once.")
    splits = {}
    for ratio in sorted(set(ratios)):
        size = _forget_size(len(profile_ids), ratio)
        ranking = "nested" if nested else str(ratio)
        ranked = sorted(profile_ids, key=lambda profile_id: _rank(seed, ranking, profile_id))
        splits[ratio] = _split(ratio, ranked[:size], profile_ids)
    return splits


@cache
def official_splits() -> dict[int, Split]:
    """Give the three published splits of the 500 released people (5, 10 and 15 per cent; not nested)."""
    forget = _published("official_forget_ids.json")
    return {ratio: _split(ratio, forget[str(ratio)], OFFICIAL_IDS) for ratio in OFFICIAL_RATIOS}


def retained(profile_ids: Sequence[str], forget: Sequence[str], ratio: int) -> tuple[str, ...]:
    """List who is retained when the config ``retain_M`` was not downloaded.

    The order is that of the config's rows where the split is a published one, because the official evaluation
    draws from them in that order; otherwise that of ``profile_ids``.
    """
    if has_official_ids(profile_ids) and ratio in OFFICIAL_RATIOS:
        published = _published("official_retain_ids.json")[str(ratio)]
        if set(published).isdisjoint(forget) and len(published) + len(forget) == len(OFFICIAL_IDS):
            return tuple(published)
    return _split(ratio, forget, profile_ids).retain


def splits_for(profile_ids: Sequence[str], ratios: Sequence[int], seed: int) -> dict[int, Split]:
    """Give the published split for the published people and ratios, and a seeded one otherwise.

    Raises:
        UserError: as `make_splits`.
    """
    if not has_official_ids(profile_ids):
        return make_splits(profile_ids, ratios, seed)
    own = make_splits(profile_ids, [ratio for ratio in ratios if ratio not in OFFICIAL_RATIOS], seed)
    published = {ratio: split for ratio, split in official_splits().items() if ratio in ratios}
    return dict(sorted({**own, **published}.items()))


def has_official_ids(profile_ids: Sequence[str]) -> bool:
    """Whether these are the ids of the 500 released people, ``001`` to ``500``, in any order."""
    return len(profile_ids) == len(OFFICIAL_IDS) and set(profile_ids) == set(OFFICIAL_IDS)


def extreme(split: Split) -> str:
    """Say that a split forgets nobody or everybody, of which nothing can be learned; empty for all others."""
    if not split.forget:
        return f"forget ratio {split.forget_ratio} forgets nobody"
    return "" if split.retain else f"forget ratio {split.forget_ratio} forgets everybody"


def checked(split: Split) -> Split:
    """Return a split that forgets somebody and retains somebody.

    Raises:
        UserError: it forgets nobody or everybody.
    """
    if problem := extreme(split):
        raise UserError(f"A split with {problem}; expected somebody to forget and somebody to retain.")
    return split


def _published(file: str) -> dict[str, list[str]]:
    """Ids by forget ratio, in the order of the released rows."""
    ids: dict[str, list[str]] = json.loads(
        resources.files("mllmu.benchmark").joinpath(file).read_text("utf-8")
    )
    return ids


def _forget_size(people: int, ratio: int) -> int:
    if not 1 <= ratio <= 99:
        raise UserError(f"Forget ratio {ratio} is out of range: expected a whole per cent from 1 to 99.")
    size = max(1, round(people * ratio / 100))
    if size >= people:
        raise UserError(
            f"Forget ratio {ratio} asks to forget {size} of {people} people: "
            "expected more people than that, so that somebody is left to retain."
        )
    return size


def _rank(seed: int, ranking: str, profile_id: str) -> bytes:
    return hashlib.sha256(f"{seed}/split/{ranking}/{profile_id}".encode()).digest()


def _split(ratio: int, forget: Sequence[str], profile_ids: Sequence[str]) -> Split:
    chosen = set(forget)
    return Split(
        forget_ratio=ratio,
        forget=tuple(profile_id for profile_id in profile_ids if profile_id in chosen),
        retain=tuple(profile_id for profile_id in profile_ids if profile_id not in chosen),
    )
