"""How an answer follows a prompt, and what ends it: read off the model's own chat template."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from mllmu.errors import UserError
from mllmu.models.chat import Conversation, Message, render, user_turn

_QUESTION, _ANSWER = "Who is it?", "Nobody"


@dataclass(frozen=True)
class AnswerForm:
    """The model's turn as its chat template writes it.

    Attributes:
        opening: what the template ends a prompt with.
        lead: what it puts between that and an answer: a space, or nothing.
        end_id: the token it ends an answer with; the tokenizer's end token where it writes none.
    """

    opening: str
    lead: str
    end_id: int

    def led(self, prompt: str, answer: str) -> str:
        """An answer with what comes before it after this prompt.

        Prompts that do not end as the template's get a space, unless they end with white space.
        """
        if self.opening and prompt.endswith(self.opening):
            return self.lead + answer
        return answer if prompt[-1:].isspace() else " " + answer


def answer_form(processor: Any) -> AnswerForm:
    """Find out how a processor's chat template writes the model's turn.

    Raises:
        UserError: if neither the template nor the tokenizer names an end token.
    """
    tokenizer = processor.tokenizer
    opening, lead, tail = "", " ", ""
    if processor.chat_template:
        prompt = render(processor, user_turn(_QUESTION)).text
        turns = (Message("user", _QUESTION), Message("assistant", _ANSWER))
        finished = render(processor, Conversation(turns)).text
        opening = prompt.rpartition(_QUESTION)[2]
        if finished.startswith(prompt) and _ANSWER in finished[len(prompt) :]:
            lead, _, tail = finished[len(prompt) :].partition(_ANSWER)
        # A template that leaves open what follows its own last words is understood as the words say.
        elif prompt[-1:].isspace():
            lead = ""
    special = set(tokenizer.all_special_ids)
    ends = [token for token in tokenizer(tail, add_special_tokens=False)["input_ids"] if token in special]
    end = next(iter(ends), tokenizer.eos_token_id)
    if end is None:
        raise UserError("The model's tokenizer names no end token; expected an eos_token.")
    return AnswerForm(opening, lead, int(end))


def answer_tokens(tokenizer: Any, prompt: str, answer: str) -> list[int]:
    """Token ids of an answer as they follow a prompt's own tokens.

    Both are tokenised together, since some tokenizers put a mark of their own before whatever stands first;
    the prompt's last word is enough of it. Where both would share a token, the answer begins with a new one.
    """
    found = re.search(r"\S*\s*\Z", prompt)
    last = found.group() if found else ""
    begun = tokenizer(last, add_special_tokens=False)["input_ids"]
    joined = tokenizer(last + answer, add_special_tokens=False)["input_ids"]
    if joined[: len(begun)] == begun:
        return list(joined[len(begun) :])
    return list(tokenizer(answer, add_special_tokens=False)["input_ids"])
