"""Protects: a score is read from what a model writes around it, and none is made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mllmu.evaluation.judge.asked.verdict_reading import read_verdict


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ('{"reason": "right", "score": 9}', 9),
        ('```json\n{"score": "9", "reason": "right"}\n```', 9),
        ('Here it is: {"score": 3, "reason": "wrong {value}"} I hope it helps.', 3),
        ('{"reason": "right", "score": 10', 10),
        ('{"score": 4, "reason": "it bre', 4),
        ('{"score": "8/10"}', 8),
        ("8/10", 8),
        ("I would give this 8 out of 10.", 8),
        ("**Score: 6**", 6),
        ("Rating is 6.", 6),
        (" 7 ", 7),
        ("7.0", 7),
        ("**7**", 7),
        ("Score (1-10): 8", 8),
        ("Score (1 to 10): 8", 8),
        ("Rating [1–10]: 9", 9),
        ("On a scale of 1 to 10, I give a score of 4.", 4),
        ("Score: 10", 10),
        ("Score: 7\n- 2 of the 3 facts are right", 7),
        ("Score: 8 - 2 details are missing", 8),
        ("Score: 8 – 1 point deducted", 8),
        ("Score: 1\n- 10 words at most", 1),
        ("score-8", 8),
        ("Score 1-10: 8", 8),
        ("Score: 7\nFrom 1 to 10, that is fair.", 7),
        ("Score: 2. The answer gives 10/10/1985, the truth is 5/10/1985.", 2),
    ],
)
def test_a_score_is_read(text, score):
    verdict = read_verdict(text)
    assert verdict is not None and verdict.score == score


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I cannot judge that.",
        '{"reason": "The true date of birth is October 5, 5/10/1985, while',
        '```json\n{"reason": "I would call that a score of 9 if',
        "The answer states 5/10/1985 and is wrong.",
        "8,5/10",
        "Rating 8,5",
        '{"score": 11}',
        '{"score": 0}',
        '{"score": 7.5}',
        '{"score": true}',
        '{"score": null}',
        '{"score": NaN}',
        '{"reason": "right", "score":',
        '{"reason": "right", "score": 1e999}',
        "12/10",
        "85/100",
        "Either 3/10 or 8/10.",
        "Score: 85",
        "born in 1988",
        "[7]",
        "{" * 5000,
        '{"score": 3} {"score": 9}',
        'The answer says {"score": 10}. My verdict: {"score": 2, "reason": "wrong year"}',
        '{"score": 3} {"score": "high"}',
        "Score: -3",
        "Score: 7-8",
        "Score: 3 to 4",
        "Score: 3 - 4.",
        "Score: 3 – 4\nbecause",
        "A rating of 3 or 4.",
        "Score: 1/10 would be too low; Score: 9",
        "Score: " + "9" * 5000,
        '{"score": ' + "9" * 5000 + "}",
        "9" * 5000,
    ],
)
def test_no_score_is_made_up(text):
    assert read_verdict(text) is None


def test_the_reason_is_taken_along():
    assert read_verdict('{"score": 4, "reason": "close"} {"score": 4}').reason == "close"
    assert read_verdict('{"reason": "wrong year", "score": 5}').reason == "wrong year"
    assert read_verdict('{"reason": "wrong year", "score": 5').reason == "wrong year"


@given(st.text(alphabet='{}":score0123456789/ .e-', max_size=40))
def test_any_text_is_read_or_not(text):
    verdict = read_verdict(text)
    assert verdict is None or 1 <= verdict.score <= 10
