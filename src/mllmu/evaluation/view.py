"""Views (how a person is shown), their registry, and items under further views."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache

from mllmu.benchmark.types import Benchmark, Profile
from mllmu.errors import UserError
from mllmu.evaluation.questions.items import Item
from mllmu.registry import Registry

if typing.TYPE_CHECKING:
    import pandas as pd

ORIGINAL, TEST = "original", "test"
USUAL_VIEWS = ("", ORIGINAL, TEST)
"""Those that a set has by itself: questions by name have none, and the test set shows its own pictures."""


@typing.runtime_checkable
class View(typing.Protocol):
    """How a person is shown: a file in ``mllmu/evaluation/views``, or an entry point ``mllmu.views``.

    Example:
        Every portrait upside down::

            class UpsideDown:
                name, title = "upside_down", "Upside down"

                def show(self, profile: Profile) -> Mapping[str, bytes]:
                    return {self.name: turned(profile.image)}

            UPSIDE_DOWN = UpsideDown()
    """

    @property
    def name(self) -> str:
        """What recipes and results call it."""
        ...

    @property
    def title(self) -> str:
        """What tables call it."""
        ...

    def show(self, profile: Profile) -> Mapping[str, bytes]:
        """The encoded images of a person, by label: the view's name, or ``name-1``, ``name-2`` for several.

        One profile must always give the same bytes.
        """
        ...


VIEWS: Registry[View] = Registry(
    "view",
    "mllmu.evaluation.views",
    "mllmu.views",
    lambda value: not isinstance(value, type) and isinstance(value, View),
)


def name_of_view(label: str) -> str:
    """The view that a label belongs to: ``test`` for ``test-2``; empty for text.

    Example:
        >>> name_of_view("test-2")
        'test'
    """
    return re.sub(r"-\d+$", "", label)


def shown_as_usual(records: pd.DataFrame) -> pd.Series[bool]:
    """Whether each record's view is one that its set has by itself."""
    return records["view"].map(name_of_view).isin(USUAL_VIEWS)


def under_views(items: Iterable[Item], views: Iterable[str], benchmark: Benchmark) -> Iterator[Item]:
    """Items, each about the original portrait followed by the same question under further views.

    Args:
        items: what a protocol asks.
        views: names of further views; those that a protocol asks under anyway add nothing.
        benchmark: the people.

    Raises:
        UserError: no view has a name, it shows no picture of somebody, or it labels an image by another name
            than its own.

    Example:
        ::

            items = list(under_views(items, ["blurred"], benchmark))
    """
    added = [VIEWS.get(name) for name in views if name not in (ORIGINAL, TEST)]
    people = {**benchmark.profiles, **benchmark.celebrities, **benchmark.holdout}

    @cache  # a person has many questions, and pictures take time to change
    def pictures(view: str, profile_id: str) -> Mapping[str, bytes]:
        shown = VIEWS.get(view).show(people[profile_id])
        if not shown:
            raise UserError(f"view {view!r} shows no picture of {profile_id}; expected one at least")
        return shown

    for item in items:
        yield item
        if item.view != ORIGINAL:
            continue
        for view in added:
            for label, image in pictures(view.name, item.question.profile_id).items():
                if name_of_view(label) != view.name:
                    raise UserError(
                        f"view {view.name!r} labels an image {label!r}; expected {view.name} or "
                        f"{view.name}-1, {view.name}-2, ..."
                    )
                yield replace(item, image=image, view=label)
