"""Protects views: a further one adds questions of its own, and none takes another's name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from mllmu.benchmark.types import EvaluationSet, Modality, Profile
from mllmu.errors import UserError
from mllmu.evaluation import STRICT, VIEWS, name_of_view, score, under_views
from tests.evaluation.people import BENCHMARK, SPLIT
from tests.evaluation.rows import frame, means

ITEMS = STRICT.items(BENCHMARK, [SPLIT])[SPLIT.forget_ratio]


class Mirrored:
    name, title = "mirrored", "Mirrored"

    def show(self, profile: Profile) -> Mapping[str, bytes]:
        return {"mirrored-1": profile.image[::-1], "mirrored-2": profile.image[::-1] + b"!"}


class Liar(Mirrored):
    name = "liar"

    def show(self, profile: Profile) -> Mapping[str, bytes]:
        return {"original": b"somebody else"}


class Nothing(Mirrored):
    name = "nothing"

    def show(self, profile: Profile) -> Mapping[str, bytes]:
        return {}


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two more views, for as long as a test runs."""
    VIEWS.names()
    more = {view.name: view for view in (Mirrored(), Liar(), Nothing())}
    monkeypatch.setattr(VIEWS, "_entries", {**VIEWS._entries, **more})
    yield


def test_the_packages_own_views_are_there() -> None:
    assert {"original", "test"} <= set(VIEWS.names())


def test_questions_about_the_original_portrait_are_asked_again_under_a_further_view() -> None:
    """Text and test questions are not; everybody's own picture is shown."""
    items = list(under_views(ITEMS, ["mirrored"], BENCHMARK))
    added = [item for item in items if name_of_view(item.view) == "mirrored"]
    assert [item for item in items if item not in added] == ITEMS
    originals = [item for item in ITEMS if item.view == "original"]
    assert len(added) == 2 * len(originals) > 0
    people = {**BENCHMARK.profiles, **BENCHMARK.celebrities, **BENCHMARK.holdout}
    for item in added:
        assert item.question.modality is Modality.IMAGE_TEXT
        assert item.eval_set is not EvaluationSet.TEST
        assert item.image is not None
        assert item.image.startswith(people[item.question.profile_id].image[::-1])
    assert len({item.key for item in items}) == len(items)


def test_views_that_are_asked_under_anyway_add_nothing() -> None:
    assert list(under_views(ITEMS, ["original", "test"], BENCHMARK)) == ITEMS


def test_a_view_cannot_pass_its_pictures_off_as_anothers() -> None:
    with pytest.raises(UserError, match="view 'liar' labels an image 'original'; expected liar"):
        list(under_views(ITEMS, ["liar"], BENCHMARK))
    with pytest.raises(UserError, match="unknown view 'miror'"):
        list(under_views(ITEMS, ["miror"], BENCHMARK))


def test_a_view_that_shows_nothing_is_told_of() -> None:
    """Results would lack it, and say nothing."""
    with pytest.raises(UserError, match="view 'nothing' shows no picture of 00"):
        list(under_views(ITEMS, ["nothing"], BENCHMARK))


@pytest.mark.parametrize(("label", "name"), [("original", "original"), ("test-12", "test"), ("", "")])
def test_a_label_says_which_view_it_is_of(label: str, name: str) -> None:
    assert name_of_view(label) == name


def test_a_further_view_has_scores_of_its_own_and_changes_no_others() -> None:
    """With intervals of their own: the original's are drawn with the seed they always had."""
    asked = {"task": "cloze", "modality": "image_text", "answer": "Riga"}
    sharp = [
        {**asked, "profile_id": who, "question_id": who, "view": "original", "response": who and "Riga"}
        for who in ("1", "2", "3")
    ]
    blurred = [{**one, "view": f"mirrored-{n}", "response": ""} for one in sharp for n in (1, 2)]
    alone, together = (means(score(frame(*rows))) for rows in (sharp, [*sharp, *blurred]))
    assert alone.equals(together[together["view"] == "original"].reset_index(drop=True))
    other = together[together["view"] == "mirrored"]
    assert set(other["n"]) == {6}
    assert set(other.loc[other["metric"].str.startswith("cloze"), "value"]) == {0}
