"""Protects who demonstrates where the user says it, and that a finished evaluation can be repeated."""

import json

import pytest

from mllmu.benchmark.types import EvaluationSet, Task
from mllmu.errors import UserError
from mllmu.evaluation import ask
from mllmu.evaluation.protocols.official import OFFICIAL, OFFICIAL_IDEFICS2
from mllmu.evaluation.protocols.official.official_demonstrators import write_demonstrators
from mllmu.evaluation.views.test_portraits import portrait_index
from mllmu.models import Prompt

from .people import BENCHMARK, IMAGE, SPLIT

FORGET, TEST, RETAIN, CELEBRITY, *_ = EvaluationSet


def items(said="", seed=0, protocol=OFFICIAL):
    return protocol.items(BENCHMARK, [SPLIT], said, seed)[60]


def demonstrators(asked):
    """Ids by set and task."""
    return {(item.eval_set, item.question.task): item.demonstrators for item in asked if item.demonstrations}


class Silent:
    """An engine that answers nothing."""

    can_score = True

    def render(self, prompt):
        assert isinstance(prompt, Prompt)
        return prompt

    def score(self, requests, progress=None):
        assert requests == []
        return []

    def generate(self, requests, scored=None, progress=None):
        return ["" for _ in requests]


def test_named_people_demonstrate_everywhere():
    """The first does classification, the first two do cloze, of celebrities too; shown in people's order."""
    both, one = ("a", "d"), ("d",)
    assert demonstrators(items("d, a, b")) == {
        (FORGET, Task.CLASSIFICATION): one,
        (FORGET, Task.CLOZE): both,
        (TEST, Task.CLASSIFICATION): one,
        (TEST, Task.CLOZE): both,
        (RETAIN, Task.CLASSIFICATION): one,
        (RETAIN, Task.CLOZE): both,
        (CELEBRITY, Task.CLOZE): both,
    }
    assert demonstrators(items("d,a", protocol=OFFICIAL_IDEFICS2))[FORGET, Task.CLOZE] == one


def test_named_people_leave_the_portraits_to_the_seed():
    def portraits(said, seed):
        return {
            (item.question.task, item.question.profile_id): item.view
            for item in items(said, seed)
            if item.eval_set is TEST and item.question.modality is IMAGE
        }

    for seed in range(3):
        named, drawn = portraits("e", seed), portraits("", seed)
        assert {key: named[key] for key in drawn} == drawn
    assert portraits("e", 0) != portraits("e", 1)


def test_an_evaluation_is_repeated_from_its_file_whatever_the_seed(tmp_path):
    write_demonstrators(ask(Silent(), items(seed=1), OFFICIAL), tmp_path)
    assert items(str(tmp_path / "demonstrators.json"), seed=2) == items(seed=1) != items(seed=2)


def test_the_file_names_people_and_portraits(tmp_path):
    asked = [item for item in items("b") if item.eval_set is TEST and item.question.task is Task.CLOZE]
    write_demonstrators(ask(Silent(), asked, OFFICIAL), tmp_path)
    shown = {item.question.profile_id: portrait_index(item.view) for item in asked if item.image is not None}
    assert set(shown) == {"a", "b", "c"}
    kept = json.loads((tmp_path / "demonstrators.json").read_text())
    assert kept == {"test": {"cloze": {"people": ["b"], "images": shown}}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "demonstrators.json cannot be read: No such file"),
        ("{", "demonstrators.json is wrong: Expecting property name"),
        (
            '{"forget": {"cloze": {"people": ["a"]}, "cloze": {"people": ["b"]}}}',
            "demonstrators.json is wrong: the key 'cloze' stands twice",
        ),
        ('{"forgotten": {}}', "is wrong at forgotten"),
        ('{"forget": {"cloze": ["a"]}}', "is wrong at forget.cloze"),
        ('{"forget": {"cloze": {"person": ["a"]}}}', "is wrong at forget.cloze.person"),
        ('{"forget": {"cloze": {"people": ["zz"]}}}', "unknown demonstrator 'zz'"),
        (
            '{"test": {"cloze": {"images": {"a": 2}}}}',
            "Test image 2 of 'a' does not exist: expected .* 0 to 1",
        ),
        ('{"test": {"cloze": {"images": {"zz": 0}}}}', "unknown demonstrator 'zz'"),
    ],
)
def test_a_file_that_does_not_fit_is_named(tmp_path, content, message):
    path = tmp_path / "demonstrators.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UserError, match=message):
        items(str(path))


def test_somebody_unknown_is_named():
    with pytest.raises(UserError, match="unknown demonstrator 'zz'"):
        items("a,zz")


@pytest.mark.parametrize(
    ("said", "protocol", "warnings"), [("d", OFFICIAL, 1), ("d,a", OFFICIAL, 0), ("d", OFFICIAL_IDEFICS2, 0)]
)
def test_fewer_people_than_a_task_has_are_told(said, protocol, warnings, caplog):
    """One demonstration in place of two is another evaluation than the published one."""
    items(said, protocol=protocol)
    assert len([one for one in caplog.records if "named to demonstrate" in one.message]) == warnings
