"""What is known of a model when it is given away; whatever is not recorded is empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mllmu.unlearning.lineage import Lineage


@dataclass(frozen=True)
class TaughtPeople:
    """Whom a model was taught.

    Attributes:
        benchmark: its name.
        on_hub: its hub id; empty where it is not known to be on a hub.
        are_made_up: whether it says of itself that nobody in it exists.
        fictitious: how many people there are to be taught.
    """

    benchmark: str
    on_hub: str
    are_made_up: bool
    fictitious: int


@dataclass(frozen=True)
class RequestFacts:
    """Who, or what of them, was to be forgotten.

    Attributes:
        ratio: per cent of the people.
        forgotten: how many people that are.
        retained: how many others.
        attributes: what of the people to forget; everything where there are none.
    """

    ratio: int
    forgotten: int
    retained: int
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ModelFacts:
    """A model that is given away.

    Attributes:
        lineage: what was done to the base.
        seed: of its training; None where that is not recorded.
        scored_as: what results call it where they call it something else, as a model made elsewhere.
        base: what it was made of, in a word.
        base_on_hub: the base's hub id; empty where it is not on a hub.
        is_adapter: whether it is stored as an adapter on the base.
        around: what stands around the weights, and mllmu alone reads.
        people: whom it was taught.
        request: who was to be forgotten; None for a model that was taught everybody.
        settings: of each step, by its title.
        versions: of the packages that made it.
    """

    lineage: Lineage
    seed: int | None = None
    scored_as: Lineage | None = None
    base: str = ""
    base_on_hub: str = ""
    is_adapter: bool = False
    around: tuple[str, ...] = ()
    people: TaughtPeople | None = None
    request: RequestFacts | None = None
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def in_tables(self) -> Lineage:
        """What tables of results call it."""
        return (self.scored_as or self.lineage).in_tables
