import math
import re

import numpy as np
import pytest

from mllmu.benchmark.types import Task
from mllmu.errors import UserError
from mllmu.evaluation import get_metric, get_protocol, metric_names, protocol_names, question_values
from mllmu.evaluation.metrics.metric import GENERATION, Metric, Unit
from tests.evaluation.rows import frame


@pytest.mark.parametrize("name", protocol_names())
def test_every_task_has_a_headline_metric_that_applies_to_it(name):
    """Under every protocol: tables and figures show nothing else."""
    headline = get_protocol(name).headline
    assert set(headline) == set(Task)
    for task, metric in headline.items():
        assert task in get_metric(metric).tasks


def test_names_are_unique_and_found():
    assert len(set(metric_names())) == len(metric_names())
    assert get_metric("bleu").name == "bleu"


def test_a_typo_is_answered_with_the_nearest_name():
    with pytest.raises(UserError, match=re.escape("unknown metric 'rougel_f': did you mean 'rougeL_f'?")):
        get_metric("rougel_f")


@pytest.mark.parametrize(
    ("computed", "said"),
    [
        (None, "computed None; expected one number for each of 2 records"),
        (0.5, "computed 0.5; expected one number for each of 2 records"),
        (np.zeros(3), "expected one number for each of 2 records"),
        (["a", "b"], "expected one number for each of 2 records"),
        ([0.5, 7.0], "computed 7; expected values from 0 to 1, as its unit has them"),
        ([0.5, -math.inf], "computed -inf; expected values from 0 to 1"),
    ],
)
def test_what_a_metric_of_somebody_computes_is_checked(computed, said):
    """Else its interval would not hold its own number, or the metric be gone without a word."""
    mine = Metric("mine", "Mine", GENERATION, Unit.FRACTION, lambda records: computed)
    with pytest.raises(UserError, match=f"Metric 'mine' .*{said}"):
        question_values(frame({"task": "generation"}, {"task": "generation"}), [mine])


def test_a_metric_may_compute_a_list_with_gaps():
    mine = Metric("mine", "Mine", GENERATION, Unit.FRACTION, lambda records: [0.5, float("nan")])
    values = question_values(frame({"task": "generation"}, {"task": "generation"}), [mine])
    assert values["value"].tolist() == [0.5]
