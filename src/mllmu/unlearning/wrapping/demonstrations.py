"""Choosing which questions are answered before every conversation, as far as the model's context has room."""

from __future__ import annotations

import logging
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from mllmu.errors import UserError
from mllmu.models.inputs.rope_lengths import context_length
from mllmu.models.prompts.conversations import Conversation, Message

if TYPE_CHECKING:
    from mllmu.models import LoadedModel
    from mllmu.training import Sample

_LOG = logging.getLogger(__name__)
# Tokens for what protocols put around a question, such as its options, and for the answer.
_RESERVE = 256


def spread(samples: Sequence[Sample], count: int, rng: random.Random) -> list[Sample]:
    """Some of the samples, about as many different people as possible, in a drawn order.

    Args:
        samples: to choose from.
        count: how many; all where there are fewer.
        rng: draws the people and, of each, the samples.
    """
    by_person: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_person[sample.profile_id].append(sample)
    people = rng.sample([*by_person], len(by_person))
    piles = [rng.sample(by_person[one], len(by_person[one])) for one in people]
    turns = max((len(pile) for pile in piles), default=0)
    return [pile[turn] for turn in range(turns) for pile in piles if turn < len(pile)][:count]


def as_turns(samples: Sequence[Sample]) -> tuple[Message, ...]:
    """Each sample as a question, with its picture, and an answer."""
    return tuple(turn for sample in samples for turn in _turns(sample))


def have_room(loaded: LoadedModel, turns: Sequence[Message], asked: Sequence[Sample]) -> bool:
    """Whether turns fit into the model's context before the longest of some questions.

    Args:
        loaded: the model.
        turns: what comes first.
        asked: questions that come after them.
    """
    limit = context_length(loaded.model)
    if limit is None:
        return True
    longest = max(asked, key=lambda sample: (sample.image is not None, len(sample.question)))
    prompt = loaded.render(Conversation((*turns, *_turns(longest)[:1])))
    return len(loaded.encoder.layout(prompt).ids) + _RESERVE <= limit


def with_pictures_if_room(
    loaded: LoadedModel,
    choices: Sequence[tuple[Sequence[Sample], int]],
    asked: Sequence[Sample],
    seed: int,
    who: str,
    by_name: Callable[[], Sequence[tuple[Sequence[Sample], int]]],
) -> tuple[Message, ...]:
    """Questions with answers, those with pictures among them if all fit; else by name alone, with a warning.

    Args:
        loaded: the model.
        choices: samples to choose from, and how many of them.
        asked: questions that will come after them.
        seed: draws the samples.
        who: who asks for it, as the sentence about a mistake begins.
        by_name: gives ``choices`` anew, with questions by name whatever those hold; called where pictures do
            not fit.

    Raises:
        UserError: if they do not fit, or there are none to choose from.
    """
    for by_name_alone in (False, True):
        rng = random.Random(seed)
        chosen = [
            sample
            for samples, count in (by_name() if by_name_alone else choices)
            for sample in spread([s for s in samples if not by_name_alone or s.image is None], count, rng)
        ]
        if not chosen:
            raise UserError(
                f"{who} got no questions to show as examples; expected some, and some by name where the "
                "model's context has no room for pictures."
            )
        turns = as_turns(chosen)
        if have_room(loaded, turns, asked):
            if by_name_alone:
                _LOG.warning("%s: the context has no room for pictures; its examples are by name.", who)
            return turns
    raise UserError(
        f"{who}: {len(chosen)} examples do not fit into the context of model '{loaded.source}' before a "
        "question; expected fewer of them."
    )


def _turns(sample: Sample) -> tuple[Message, Message]:
    pictures = () if sample.image is None else (sample.image,)
    return Message("user", sample.question, pictures), Message("assistant", sample.answer)
