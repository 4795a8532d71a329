"""An item: one question as it is asked, with its picture and demonstrations, and its identity."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256

from mllmu.benchmark.types import EvaluationSet, Question

Key = tuple[str, str, str, str, tuple[str, ...]]
"""What tells a record from all others of a model.

Question id, wording, view, digest of the image, ids of those who demonstrate.
"""


@dataclass(frozen=True)
class Demonstration:
    """A question that is shown with its answer before another one is asked.

    Attributes:
        question: what is demonstrated.
        image: the encoded portrait shown with it; None for a text question.
    """

    question: Question
    image: bytes | None = field(repr=False)

    @cached_property
    def image_digest(self) -> str:
        """As an item's."""
        return _digest(self.image)


@dataclass(frozen=True)
class Item:
    """One question as it is asked in one evaluation set.

    Attributes:
        question: what is asked.
        image: the encoded portrait shown with it; None for a text question.
        eval_set: the set its score counts in.
        view: how the person is shown, as `View.show` labels it, e.g. ``original`` or ``test-1``; empty for a
            text question.
        demonstrations: what is shown before it, in order.
    """

    question: Question
    image: bytes | None = field(repr=False)
    eval_set: EvaluationSet
    view: str = ""
    demonstrations: tuple[Demonstration, ...] = ()

    @property
    def demonstrators(self) -> tuple[str, ...]:
        """The ids of those who demonstrate, each once, in the order they appear."""
        return tuple(dict.fromkeys(one.question.profile_id for one in self.demonstrations))

    @cached_property
    def image_digest(self) -> str:
        """SHA-256 of the image's bytes, the first 16 hex digits; empty for a text question."""
        return _digest(self.image)

    @property
    def key(self) -> Key:
        """What identifies its record; the same under every split, whichever set it counts in there."""
        question = self.question
        return question.question_id, question.text, self.view, self.image_digest, self.demonstrators


def distinct_items(splits: Iterable[Iterable[Item]]) -> list[Item]:
    """What one model has to be asked for several splits, each item once.

    A person to forget under one ratio is to be retained under another, and celebrities belong to every
    ratio; what is shown and asked stays the same, so its answer is taken once, of people to forget under any
    ratio as of such.

    Args:
        splits: the items of each split.

    Raises:
        ValueError: two items have one key, and differ in more than the set they count in; one would get the
            other's answer.
    """
    items: dict[Key, Item] = {}
    for split in splits:
        for item in split:
            first = items.setdefault(item.key, item)
            if item.eval_set is EvaluationSet.FORGET:
                items[item.key] = item  # whoever is to be forgotten under one ratio is attacked there
            if first is not item and replace(first, eval_set=item.eval_set) != item:
                raise ValueError(
                    f"question {item.question.question_id!r} is asked twice under view {item.view!r} in the "
                    "same words and means different things; expected an id of its own for each"
                )
    return list(items.values())


def _digest(image: bytes | None) -> str:
    return "" if image is None else sha256(image).hexdigest()[:16]
