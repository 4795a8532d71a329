import re

import pytest

from mllmu.benchmark.types import Task
from mllmu.errors import UserError
from mllmu.evaluation import HEADLINE, METRICS, get_metric, metric_names


def test_every_task_has_a_headline_metric_that_applies_to_it():
    assert set(HEADLINE) == set(Task)
    for task, name in HEADLINE.items():
        assert task in METRICS[name].tasks


def test_names_are_unique_and_found():
    assert len(set(metric_names())) == len(metric_names())
    assert get_metric("bleu").name == "bleu"


def test_a_typo_is_answered_with_the_nearest_name():
    with pytest.raises(UserError, match=re.escape("unknown metric 'rougel_f': did you mean 'rougeL_f'?")):
        get_metric("rougel_f")
