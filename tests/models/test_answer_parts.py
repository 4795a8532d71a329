"""Protects which tokens of an answer repeat the question and which state the fact, in every family."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mllmu.benchmark.language.answer_parts import AnswerPart
from mllmu.errors import UserError
from mllmu.models import LoadedModel, chat_prompt
from mllmu.models.prompts.answer_form import answer_token_spans
from tests.models.prompts.test_answer_form import spaces_as_marks

QUESTION, ANSWER = "Where does Ada Žižek live?", "Ada Žižek lives in 東京, Japan."


def test_tokens_do_what_their_characters_do(family: LoadedModel) -> None:
    """Written again from the tokens of one part: nothing is lost, added or shifted, not even of Ž and 東."""
    prompt = chat_prompt(family.processor, QUESTION)
    ids = family.encoder.answer_ids(prompt.text, ANSWER)
    parts = family.encoder.answer_parts(prompt.text, QUESTION, ANSWER, "東京, Japan")
    assert len(parts) == len(ids)

    def written(part: AnswerPart) -> Any:
        chosen = [token for token, one in zip(ids, parts, strict=True) if one is part]
        return family.processor.tokenizer.decode(chosen).strip()

    assert written(AnswerPart.ECHO) == "Ada Žižek"
    assert written(AnswerPart.VALUE) == "東京, Japan"
    assert written(AnswerPart.TEMPLATE) == "lives in."
    assert [one for one in parts if one is AnswerPart.END] == [parts[-1]]


def test_spans_count_the_answers_characters_and_not_the_prompts() -> None:
    """Where a space's mark belongs to the next word, and the prompt's last word is tokenized before it."""
    assert answer_token_spans(spaces_as_marks(), "USER: Riga ASSISTANT:", " Riga Riga") == [(0, 5), (5, 10)]


def test_a_tokenizer_that_cannot_tell_is_one_sentence() -> None:
    """Guessing would forget the wrong tokens in silence."""
    with pytest.raises(UserError, match=r"does not say which characters .* expected a fast tokenizer"):
        answer_token_spans(SimpleNamespace(is_fast=False), "Who?", " Ada")
