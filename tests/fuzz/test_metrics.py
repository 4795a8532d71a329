"""Metrics of odd texts: every value is missing or lies in the metric's range."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mllmu.evaluation import get_metric, metric_names, protocol_names
from mllmu.evaluation.metrics.containment import contains_value, longer_values
from mllmu.evaluation.metrics.metric import Unit
from tests.evaluation.rows import frame

from .odd_values import TEXTS

RANGES = {unit: unit.bounds for unit in Unit}
METRICS = [get_metric(name) for name in metric_names()]
VALUES = st.sampled_from(
    [
        "Riga",
        "5 feet",
        "5'9\"",
        "$50",
        "twenty-five",
        "東京",
        "한국",
        "nurse",
        "a veterinary nurse",
        "1.",
        "İ",
        "ß",
        "a",
    ]
)
WORDS = st.lists(st.one_of(TEXTS, VALUES), max_size=4).map(" ".join)
LOG_PROBS = st.lists(st.floats(-1e30, 0), max_size=3)
PARTS = st.sampled_from(["echo", "template", "value", "end"])
MISSING = st.sampled_from([None, float("nan")])


@st.composite
def records(draw):
    options = draw(st.lists(WORDS, max_size=3))
    many = st.lists(st.floats(-1e30, 0), min_size=len(options), max_size=len(options))
    letters = list("ABC"[: len(options)])
    answered = draw(LOG_PROBS)
    return {
        "task": draw(st.sampled_from(["generation", "cloze", "classification"])),
        "protocol": draw(st.sampled_from(protocol_names())),
        "attribute": draw(st.one_of(st.sampled_from(["", "city", None]), TEXTS)),
        "answer": draw(WORDS),
        "value": draw(WORDS),
        "response": draw(st.one_of(WORDS, MISSING)),
        "options": options,
        "option_letters": letters,
        "correct_option": draw(st.one_of(TEXTS, st.sampled_from([*letters, ""]))),
        "option_log_probs": draw(many),
        "option_lengths": draw(st.lists(st.integers(1, 9), min_size=len(options), max_size=len(options))),
        "letter_log_probs": draw(many),
        "letter_response": draw(st.one_of(TEXTS, MISSING)),
        "chosen_letter": draw(st.one_of(TEXTS, MISSING, st.sampled_from(["A", "B"]))),
        "answer_log_probs": answered,
        "answer_is_argmax": [draw(st.booleans()) for _ in answered],
        "answer_parts": draw(st.sampled_from([[], [draw(PARTS) for _ in answered]])),
        "paraphrase_log_probs": draw(LOG_PROBS),
        "wrong_log_probs": draw(st.lists(LOG_PROBS, max_size=3)),
        "judge_score": draw(st.one_of(st.none(), st.integers(0, 10).map(float))),
    }


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@given(st.lists(records(), min_size=1, max_size=4))
def test_every_value_is_missing_or_in_range(rows):
    for metric in METRICS:
        asked = [row for row in rows if row["task"] in {task.value for task in metric.tasks}]
        values = np.asarray(metric.compute(frame(*asked)))
        low, high = RANGES[metric.unit]
        assert values.shape == (len(asked),) and values.dtype == np.float64, metric.name
        inside = np.isnan(values) | ((values >= low) & (values <= high))
        assert inside.all(), (metric.name, values, asked)


@given(WORDS, WORDS, st.lists(WORDS, max_size=3))
def test_a_value_is_in_itself_unless_it_is_blank(text, value, others):
    assert contains_value(text, value, longer_values(value, others)) in (True, False)
    assert not contains_value(text, " \u200b"[:1])
    assert not contains_value("", value)
