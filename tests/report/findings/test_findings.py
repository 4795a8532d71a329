"""Protects: findings follow from paired differences, have intervals, and read well for 0, 1 and many."""

from __future__ import annotations

import re

import pytest

from mllmu.report.findings.finding import counted, listed
from mllmu.report.findings.findings import find
from mllmu.report.findings.first_numbers import make_tiles
from mllmu.report.numbers.scores import Scores
from mllmu.report.numbers.standings import standings
from tests.report.small_run import frames, joined

EIGHT = (22, 24, 26, 28, 22, 24, 26, 28)
KEPT = {"vanilla": [90] * 8, "retrained": [88] * 8}


def _moved(points):
    return [value + points + own for own, value in enumerate(EIGHT)]


def _found(forget, retain, **other_sets):
    """Title -> text of the findings on a run with these answers."""
    known = {"vanilla": _moved(60), "retrained": EIGHT}
    parts = [frames({**known, **forget}), frames({**KEPT, **retain}, "retain")]
    scores = joined(*parts, *(frames({**known, **each}, name) for name, each in other_sets.items()))
    return {each.title: each.text for each in find(scores, scores.conditions[0])}


def test_a_method_that_breaks_everything_is_not_the_best(results, person_scores):
    """GA has the lowest forget score of the frame and loses 20 points of utility."""
    scores = Scores(results, person_scores)
    ranked = standings(scores, scores.conditions[1])
    lowest = min(ranked, key=lambda each: each.forget.value)
    assert lowest.lineage.method == "ga"
    assert not lowest.keeps_utility
    assert not lowest.best
    assert ranked[0].lineage.method == "npo"
    assert ranked[0].best


def test_only_unlearned_models_are_ranked():
    """Base and retrained lie nearest to retrained, and neither is a method."""
    results, people = frames(
        {"base": EIGHT, "vanilla": _moved(60), "retrained": EIGHT, "npo:both": _moved(30)}
    )
    scores = Scores(results, people)
    assert [each.lineage.method for each in standings(scores, scores.conditions[0])] == ["npo"]


def test_without_vanilla_nobody_is_said_to_keep_anything(results, person_scores):
    """What was lost cannot be told, so there is neither a best method nor a broken one."""
    frame, people = (each[each["model"] != "vanilla"] for each in (results, person_scores))
    scores = Scores(frame, people)
    ranked = standings(scores, scores.conditions[0])
    assert ranked
    assert {(each.loss, each.keeps_utility, each.best) for each in ranked} == {(None, False, False)}
    titles = " ".join(finding.title for finding in find(scores, scores.conditions[0]))
    assert "at tolerable cost" not in titles
    assert "by breaking" not in titles


def test_without_scores_of_people_there_is_one_finding(results):
    scores = Scores(results)
    (only,) = find(scores, scores.conditions[0])
    assert "person_scores.parquet" in only.text


def test_findings_say_where_there_is_nothing_to_forget():
    """Vanilla knows them by face and not by name; the name is left out of what follows."""
    by_name = frames({"vanilla": EIGHT, "retrained": EIGHT, "npo:both": _moved(-10), "ga:both": _moved(3)})
    by_face = {"vanilla": _moved(60), "retrained": EIGHT, "npo:both": _moved(3), "ga:both": _moved(30)}
    kept = [frames({**KEPT, "npo:both": [85] * 8, "ga:both": [88] * 8}, "retain")]
    scores = joined(by_name, frames(by_face, modality="image_text"), *kept)
    found = {each.title: each.text for each in find(scores, scores.conditions[0])}
    assert "cloze (text)" in found["Not everywhere is there something to forget"]
    assert "There is something to forget" not in found
    assert "NPO on both is +6.5 [" in found["NPO on both is nearest to retrained at tolerable cost"]
    nothing = joined(by_name)
    titles = [each.title for each in find(nothing, nothing.conditions[0])]
    assert titles == ["Nothing can be shown to be forgotten"]


def test_one_model_and_many():
    """One keeps its utility, or two of which one is nearer, or two of which none is."""
    one = _found({"npo:both": _moved(3)}, {"npo:both": [85] * 8})
    assert one["One method keeps its utility"].startswith("Of all models only this stays within 15 points")
    two = {"npo:both": _moved(3), "ga:both": _moved(30)}
    kept = {"npo:both": [85] * 8, "ga:both": [88] * 8}
    nearer = _found(two, kept)["NPO on both is nearest to retrained at tolerable cost"]
    assert nearer.startswith("Of the 2 models that stay within")
    assert "significantly farther" not in nearer
    tied = _found({**two, "kl_min:both": [*_moved(0)[:4], *_moved(6)[4:]]}, {**kept, "kl_min:both": [88] * 8})
    (text,) = [text for title, text in tied.items() if "is nearest to retrained" in title]
    assert re.search(r"Not significantly farther is (NPO|KL Min\.) on both\.", text)
    equal = _found({"npo:both": _moved(3), "ga:both": _moved(3)}, kept)
    assert (
        "the nearest to retrained is not significantly nearer than any other" in equal["No method stands out"]
    )


@pytest.mark.parametrize(
    ("of_other_seed", "whole"), [([], "all models"), (["ga:both"], "models that can be")]
)
def test_a_model_without_references_of_its_seed_is_not_said_to_break(of_other_seed, whole):
    """It may keep its utility, and be nearer, so that nothing is said of all models."""
    known = {"vanilla": _moved(60), "retrained": EIGHT}
    other = [
        frames({name: values}, eval_set, seed=1)
        for name in of_other_seed
        for eval_set, values in (("forget", _moved(3)), ("retain", [90] * 8))
    ]
    kept = frames({**KEPT, "npo:both": [85] * 8}, "retain")
    scores = joined(frames({**known, "npo:both": _moved(3)}), kept, *other)
    found = {each.title: each.text for each in find(scores, scores.conditions[0])}
    assert found["One method keeps its utility"].startswith(f"Of {whole}")
    scores = joined(frames(known), frames(KEPT, "retain"), *other)
    titles = [each.title for each in find(scores, scores.conditions[0])]
    assert titles == ["There is something to forget"]


@pytest.mark.parametrize(
    ("names", "title"), [(["ga"], "1 of 3 models breaks"), (["ga", "npo"], "2 of 3 models break")]
)
def test_broken_models_are_counted_and_measured(names, title):
    forget = {f"{name}:both": _moved(10) for name in ("ga", "npo", "kl_min")}
    retain = {name: [60 if name.split(":")[0] in names else 88] * 8 for name in forget}
    found = _found(forget, retain)
    assert "GA on both (−30.0 [−55.9, +0.0])" in found[title]
    one_person = {**retain, "ga:both": [0, *[88] * 7]}  # 10 points and more, all of them by one of eight
    assert "GA" not in "".join(text for title, text in _found(forget, one_person).items() if "break" in title)


def test_forgetting_too_much_is_a_finding():
    forget = {"npo:both": [value - 15 for value in EIGHT], "ga:both": _moved(10)}
    found = _found(forget, {name: [88] * 8 for name in forget})
    assert "NPO on both (−15.0 [" in found["1 of 2 models forgets too much"]
    assert "lies significantly below" in found["1 of 2 models forgets too much"]


def test_rewording_is_judged_by_its_interval():
    """3 + 3.5 of 60 + 3.5 points are left on forget, 10 %; on test 26.5, or 4 more for half of the people."""
    forget, retain = {"npo:both": _moved(3)}, {"npo:both": [88] * 8}
    up = _found(forget, retain, test={"npo:both": _moved(23)})
    assert "have 10 % in the words of forget" in up["Other words and portraits bring some of it back"]
    assert "42 % in those of test" in up["Other words and portraits bring some of it back"]
    assert "+31.5 [" in up["Other words and portraits bring some of it back"]
    unclear = [value + (4 if index < 4 else -3) for index, value in enumerate(_moved(3))]
    flat = _found(forget, retain, test={"npo:both": unclear})
    assert "Other words and portraits change nothing that can be shown" in flat
    assert not [title for title in _found(forget, retain) if title.startswith("Other words")]


def test_a_harder_test_set_is_not_taken_for_forgetting():
    """Vanilla knows 60 points on forget and 30 on test; half of either is left, or all of it."""

    def above(points: int) -> list[int]:
        return [value + points for value in EIGHT]

    changed = "Other words and portraits change nothing that can be shown"
    not_forgotten = "What the words of forget ask for is not forgotten for sure"
    for left, on_test, title in ((30, 15, changed), (60, 30, not_forgotten), (60, 20, not_forgotten)):
        forget = {"vanilla": above(60), "npo:both": above(left)}
        harder = {"vanilla": above(30), "npo:both": above(on_test)}
        found = _found(forget, {"npo:both": [88] * 8}, test=harder)
        assert title in found
        for share in (left / 60, on_test / 30):
            assert f"{100 * share:.0f} %" in found[title]


def test_where_vanilla_knows_nothing_in_other_words_nothing_is_said_of_it():
    forget = {"npo:both": _moved(3)}
    found = _found(forget, {"npo:both": [88] * 8}, test={"vanilla": EIGHT, "npo:both": EIGHT})
    assert not [title for title in found if "eword" in title]


def test_every_number_of_points_has_an_interval():
    forget = {"npo:both": _moved(3), "ga:both": _moved(30)}
    found = _found(forget, {name: [88] * 8 for name in forget}, test=forget)
    for text in found.values():
        for number in re.findall(r"[+−]\d+\.\d(?! \[)(?![,\]])", text):
            raise AssertionError(f"{number} stands alone in: {text}")


def test_words_for_none_one_and_many():
    assert [counted(number, "model") for number in (0, 1, 2)] == ["0 models", "1 model", "2 models"]
    assert [listed(items) for items in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "none",
        "a",
        "a and b",
        "a, b and c",
    ]


@pytest.mark.parametrize(
    ("other_sets", "missed", "note"),
    [
        ({}, "never met these people", "never saw them: the goal"),
        (
            {"same_person": {"npo:both": [80] * 8}},
            "never learned these facts",
            "never learned them: the goal",
        ),
    ],
)
def test_who_was_retrained_without_some_facts_met_the_people(other_sets, missed, note):
    known = {"vanilla": _moved(60), "retrained": EIGHT}
    sets = {"forget": {"npo:both": [2] * 8}, "retain": {**KEPT, "npo:both": [85] * 8}, **other_sets}
    scores = joined(*(frames({**known, **answers}, name) for name, answers in sets.items()))
    text = " ".join(finding.text for finding in find(scores, scores.conditions[0]))
    assert missed in text and text.count("these facts") == (2 if other_sets else 0)
    assert [tile.note for tile in make_tiles(scores, scores.conditions[0])][1] == note
