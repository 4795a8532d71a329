"""What else may be recorded of reference answers for membership inference, where somebody asks for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from mllmu.benchmark.types import EvaluationSet
from mllmu.errors import UserError
from mllmu.evaluation.protocol import Part, Questioner
from mllmu.evaluation.questions.items import Item
from mllmu.inference import Extra
from mllmu.suggest import unknown

ATTACKED_SETS = (EvaluationSet.FORGET, EvaluationSet.HOLDOUT)
"""Whose answers membership inference compares."""


def get_extras(names: Iterable[str]) -> frozenset[Extra]:
    """The extras of some names, ``token_moments`` and ``gradient_norms``.

    Raises:
        UserError: if there is none of a name.
    """
    by_name = {extra.value: extra for extra in Extra}
    for name in names:
        if name not in by_name:
            raise unknown("thing to record", name, by_name)
    return frozenset(by_name[name] for name in names)


def extras_of(item: Item, part: Part, wanted: Collection[Extra]) -> frozenset[Extra]:
    """What is recorded of one part of an asking: of the answers that an attack compares, and of no other.

    Membership inference compares people to forget with holdout people; gradients of all the others would cost
    several times as much, and nobody reads them.

    Args:
        item: what is asked.
        part: what is scored.
        wanted: what is to be recorded.
    """
    return frozenset(wanted) if part is Part.ANSWER and item.eval_set in ATTACKED_SETS else frozenset()


def require_extras(wanted: Collection[Extra], able: Collection[Extra]) -> None:
    """Refuse what an engine cannot tell.

    Args:
        wanted: what is to be recorded.
        able: what the engine tells, see `Engine.extras`.

    Raises:
        UserError: naming the first that it does not tell.
    """
    for extra in Extra:
        if extra in wanted and extra not in able:
            raise UserError(
                f"{extra.value} cannot be recorded of this model, which shows neither whole predictions nor "
                "gradients; expected a model in memory instead of a server's."
            )


def require_scored_answers(wanted: Collection[Extra], protocol: Questioner, items: Iterable[Item]) -> None:
    """Refuse a protocol that takes no reference answer's likelihood, so that nothing would be recorded.

    Raises:
        UserError: naming the protocol.
    """
    if wanted and not any(Part.ANSWER in protocol.put(item).scored for item in items):
        raise UserError(
            f"{min(wanted).value} cannot be recorded under protocol '{protocol.name}', which scores no "
            "reference answers; expected a protocol that does, such as strict."
        )
