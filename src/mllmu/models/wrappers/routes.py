"""Which way prompts take through a model's wrappers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from mllmu.models.inputs.encoding import Encoder
from mllmu.models.prompts.conversations import Conversation, Prompt
from mllmu.models.wrappers.wrapper import Wrapper


@dataclass(frozen=True)
class Route:
    """The way of one prompt.

    Attributes:
        reply: what a wrapper answers in the model's place; None where the model answers.
        switched: for each wrapper whether it is switched on for the prompt.
    """

    reply: str | None
    switched: tuple[bool, ...]


def routes_of(
    wrappers: Sequence[Wrapper], model: Any, encoder: Encoder, prompts: Sequence[Conversation | Prompt]
) -> list[Route]:
    """The way of each prompt; of several wrappers that reply to one, the first is heard.

    Args:
        wrappers: of the model, the innermost first.
        model: the model.
        encoder: its encoder.
        prompts: as people put them.
    """
    replies = [wrapper.replies(model, encoder, prompts) for wrapper in wrappers]
    switches = [wrapper.switches(model, encoder, prompts) for wrapper in wrappers]
    return [
        Route(
            next((of_one[index] for of_one in replies if of_one[index] is not None), None),
            tuple(of_one[index] for of_one in switches),
        )
        for index in range(len(prompts))
    ]


@contextmanager
def switched(wrappers: Sequence[Wrapper], route: Route) -> Iterator[None]:
    """While it lasts, those wrappers are switched on that a route says."""
    with ExitStack() as stack:
        for wrapper, is_on in zip(wrappers, route.switched, strict=True):
            if is_on:
                stack.enter_context(wrapper.switched_on())
        yield
