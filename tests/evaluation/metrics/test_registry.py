import re

import pytest

from mllmu.benchmark.types import Task
from mllmu.errors import UserError
from mllmu.evaluation import get_metric, get_protocol, metric_names, protocol_names


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
