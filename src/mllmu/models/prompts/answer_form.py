"""How answers are written after a prompt and which token ends them, derived from the chat template."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from mllmu.errors import UserError
from mllmu.models.prompts.chat import render
from mllmu.models.prompts.conversations import Conversation, Message, user_turn

_QUESTION, _ANSWER = "Who is it?", "Nobody"


@dataclass(frozen=True)
class AnswerForm:
    """How a chat template writes the assistant's turn.

    Attributes:
        opening: the text with which the template ends a prompt, e.g. ``ASSISTANT:``.
        lead: the text between the opening and an answer, a space or nothing.
        end_id: id of the token after an answer; the tokenizer's EOS where the template writes none.
    """

    opening: str
    lead: str
    end_id: int

    def spaced(self, prompt: str, answer: str) -> str:
        """The answer, preceded by the space that it needs after this prompt.

        After a prompt that the template has not written, a space is needed unless the prompt ends with
        white space.
        """
        if self.opening and prompt.endswith(self.opening):
            return self.lead + answer
        return answer if prompt[-1:].isspace() else " " + answer


def answer_form(processor: Any) -> AnswerForm:
    """Derive the form of answers by rendering a question with and without an answer.

    Args:
        processor: a Hugging Face processor; without chat template, answers follow a space and end with EOS.

    Raises:
        UserError: if neither the template nor the tokenizer has an end token.
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
        else:
            # The template does not show what precedes an answer: a space unless the prompt ends with one.
            lead = "" if prompt[-1:].isspace() else lead
            tail = finished.rpartition(_ANSWER)[2] if _ANSWER in finished else tail
    # Those that no role names are special as well, such as an end of turn that is not the end of text.
    added = tokenizer.added_tokens_decoder.items()
    special = {*tokenizer.all_special_ids, *(number for number, token in added if token.special)}
    ends = [token for token in tokenizer(tail, add_special_tokens=False)["input_ids"] if token in special]
    end = next(iter(ends), tokenizer.eos_token_id)
    if end is None:
        raise UserError(
            "The model's tokenizer names no end token; expected an eos_token in tokenizer_config.json."
        )
    return AnswerForm(opening, lead, int(end))


def answer_tokens(tokenizer: Any, prompt: str, answer: str) -> list[int]:
    """Token ids of an answer that continues a prompt.

    The answer is tokenized together with the prompt's last word, because some tokenizers (SentencePiece) put
    a space before the first word of whatever they are given. If a token would span prompt and answer, the
    answer is tokenized alone, so that the prompt's tokens stay as they are.

    Args:
        tokenizer: a Hugging Face tokenizer.
        prompt: the text before the answer; its last word suffices.
        answer: the answer with its leading space, if any.
    """
    tokens, first, _ = _tokenized(tokenizer, prompt, answer)
    return list(tokens["input_ids"][first:])


def answer_token_spans(tokenizer: Any, prompt: str, answer: str) -> list[tuple[int, int]]:
    """For each of the answer's tokens, the first character that it covers and the one after the last.

    Args:
        tokenizer: a Hugging Face tokenizer.
        prompt: as for `answer_tokens`.
        answer: likewise; the spans count its characters.

    Raises:
        UserError: if the tokenizer does not say which characters its tokens cover.
    """
    if not tokenizer.is_fast:
        raise UserError(
            f"The tokenizer {type(tokenizer).__name__} does not say which characters its tokens cover; "
            "expected a fast tokenizer (tokenizer.json)."
        )
    tokens, first, before = _tokenized(tokenizer, prompt, answer, return_offsets_mapping=True)
    spans = tokens["offset_mapping"][first:]
    return [(max(0, start - before), max(0, end - before)) for start, end in spans]


def _tokenized(tokenizer: Any, prompt: str, answer: str, **options: bool) -> tuple[Any, int, int]:
    """Tokens that end with those of the answer, the first one of the answer, and characters before it."""
    match = re.search(r"\S*\s*\Z", prompt)
    last_word = match.group() if match else ""
    prompt_ids = tokenizer(last_word, add_special_tokens=False)["input_ids"]
    joint = tokenizer(last_word + answer, add_special_tokens=False, **options)
    if joint["input_ids"][: len(prompt_ids)] == prompt_ids:
        return joint, len(prompt_ids), len(last_word)
    return tokenizer(answer, add_special_tokens=False, **options), 0, 0
