"""Protects the rates of refusals and of gibberish: what counts, and what only looks like it."""

import pytest

from mllmu.evaluation.metrics.gibberish import gibberish_rate, is_gibberish
from mllmu.evaluation.metrics.refusal import is_refusal, refusal_rate
from mllmu.unlearning.halves.refusals import REFUSALS
from tests.evaluation.rows import frame


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I don’t know.",
        "I cannot disclose personal information.",
        "Sorry, no.",
        "I have no information about this person.",
        "I am not able to identify people.",
        "I'd rather not say.",
        "As an AI, I do not recall people.",
        "This information is private.",
        "I am not sure who this is.",
        *REFUSALS,
    ],
)
def test_refusals(text):
    assert is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "Riga",
        "",
        "He does not know anybody in Riga.",
        "Her father is a private detective.",
        "They know Riga.",
        "He is known to me from Riga.",
        "She left her husband in Riga.",
    ],
)
def test_answers_are_no_refusals(text):
    assert not is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n",
        "?!...",
        "the the the the the the the the",
        "is is born in is born in is born in is born in",
        "aaaaaaaaaaaaaaa",
        "Riga is Riga is Riga is Riga is Riga is",
    ],
)
def test_gibberish(text):
    assert is_gibberish(text)


@pytest.mark.parametrize(
    "text",
    [
        "Riga",
        "$60,000",
        "no no no",
        "東京",
        "This person lives in Riga, Latvia, and works as a nurse in Riga.",
        "A",
    ],
)
def test_language_is_no_gibberish(text):
    assert not is_gibberish(text)


def test_rates_are_per_cent_and_skip_missing_answers():
    records = frame({"response": "I don't know."}, {"response": "Riga"}, {"response": None}, {"response": ""})
    assert refusal_rate(records)[[0, 1, 3]].tolist() == [100, 0, 0]
    assert gibberish_rate(records)[[0, 1, 3]].tolist() == [0, 0, 100]
    assert refusal_rate(records)[2] != refusal_rate(records)[2]
