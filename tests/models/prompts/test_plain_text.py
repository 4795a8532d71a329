"""Protects: a control token of the model in a question or an answer is refused by name, never encoded."""

import pytest

from mllmu.errors import UserError
from mllmu.models import Conversation, Message, Prompt, chat_prompt
from mllmu.models.prompts.chat import render
from mllmu.models.tiny import build_processor, train_tokenizer
from tests.models.conftest import TEXTS


def special_tokens(loaded):
    processor = loaded.processor
    return sorted({*processor.tokenizer.all_special_tokens, loaded.encoder.placeholder})


def test_every_special_token_of_every_family_is_refused(family):
    """In questions, in demonstrated answers and in answers to learn or to score."""
    tokens = special_tokens(family)
    assert tokens
    for token in tokens:
        with pytest.raises(UserError) as error:
            chat_prompt(family.processor, f"Who is {token}?")
        assert str(error.value).startswith(
            f"The question 'Who is {token}?' contains {token}, a control token"
        )
        turns = (Message("user", "Who?"), Message("assistant", f"Ada{token}"))
        with pytest.raises(UserError, match="The answer 'Ada"):
            render(family.processor, Conversation(turns))
        with pytest.raises(UserError, match="The answer 'Ada"):
            family.encoder.encode(chat_prompt(family.processor, "Who?"), f"Ada{token}")


def test_halves_of_surrogate_pairs_are_refused(loaded):
    """The tokenizer itself ends in a traceback."""
    with pytest.raises(UserError, match=r"The question .*surrogate pair \(U\+D83D\)"):
        chat_prompt(loaded.processor, "Who \ud83d?")
    with pytest.raises(UserError, match=r"The answer .*surrogate pair \(U\+DC00\)"):
        loaded.encoder.answer_ids("USER: Who?\nASSISTANT:", "Ada\udc00")


def test_other_texts_pass(loaded):
    """Signs like those of tokens are words, and prompts in the model's own format hold its tokens."""
    assert chat_prompt(loaded.processor, "Is 3 < 4 > 2, [sic]?").text.startswith("USER: Is 3 < 4 > 2, [sic]?")
    assert len(loaded.encoder.encode(Prompt("USER: Who?</s>"), "<nobody>"))


def test_a_token_added_later_is_refused_as_well():
    processor = build_processor(train_tokenizer(TEXTS, 400))
    chat_prompt(processor, "Who is <|later|>?")
    processor.tokenizer.add_special_tokens({"additional_special_tokens": ["<|later|>"]})
    with pytest.raises(UserError, match=r"<\|later\|>, a control token"):
        chat_prompt(processor, "Who is <|later|>?")
