"""Protects the benchmark as a whole: Table 1, disjoint people, and the same bytes for the same seed."""

from collections import Counter
from dataclasses import replace

import pytest

from mllmu.benchmark import Benchmark, Modality, Task, open_image
from mllmu.errors import UserError
from mllmu.synthesis import benchmark_synthesis
from mllmu.synthesis.benchmark_synthesis import (
    BACKGROUND,
    CELEBRITIES,
    describe,
    describe_fictitious,
    people_of_the_base,
    synthesize,
)
from mllmu.synthesis.gallery import Portrait, draw_portrait, draw_portraits
from mllmu.synthesis.population import make_people
from mllmu.synthesis.portraits import ORIGINAL_POSE


def _small(seed: int = 0) -> Benchmark:
    return synthesize(8, 3, 2, seed, image_size=32, test_image_size=24, ratios=(25, 50))


@pytest.fixture(scope="module")
def small() -> Benchmark:
    return _small()


def test_totals_are_those_of_table_1() -> None:
    """500 + 153 people give 20,754 questions: 11,530 / 4,612 / 4,612, and 10,377 in each modality."""
    people = [describe_fictitious(person, 0) for person in make_people(500, 0, "fictitious")]
    people += [describe(person, 0) for person in make_people(153, 0, "celebrity")]
    questions = [question for one in people for question in one.questions + one.test_questions]
    assert len(questions) == 20_754
    assert Counter(question.task for question in questions) == {
        Task.CLASSIFICATION: 11_530,
        Task.GENERATION: 4_612,
        Task.CLOZE: 4_612,
    }
    assert Counter(question.modality for question in questions) == dict.fromkeys(Modality, 10_377)
    letters = Counter(question.correct_option for question in questions if question.options)
    assert max(letters.values()) - min(letters.values()) < 0.03 * 11_530


def test_populations(small: Benchmark) -> None:
    """Three disjoint populations; only fictitious people are taught, tested and split."""
    assert list(small.profiles) == [f"{number:03d}" for number in range(1, 9)]
    everybody = [*small.profiles.values(), *small.celebrities.values(), *small.holdout.values()]
    assert len({one.name for one in everybody}) == len({one.profile_id for one in everybody}) == 13
    for one in small.profiles.values():
        assert len(one.test_images) == 2
        assert len(one.test_questions) == 18
        assert one.training_questions
    for one in (*small.celebrities.values(), *small.holdout.values()):
        assert not one.test_images and not one.test_questions and not one.training_questions
    assert [len(small.splits[ratio].forget) for ratio in (25, 50)] == [2, 4]


def test_nobody_is_called_like_somebody_the_base_has_read_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a model says of a fictitious person is not to be what it read of somebody else of that name."""
    # Names do not depend on what is drawn, which takes longest.
    monkeypatch.setattr(
        benchmark_synthesis, "draw_portraits", lambda portraits, progress: [b""] * len(portraits)
    )
    small = {"image_size": 16, "test_image_size": 16, "test_views": 0}
    made = synthesize(300, 160, 50, seed=0, **small)
    read_of = people_of_the_base()
    names = {person.name for person in read_of}
    assert len(names) == len(read_of) == CELEBRITIES + BACKGROUND
    invented = {one.name for one in (*made.profiles.values(), *made.holdout.values())}
    unread = {one.name for one in list(made.celebrities.values())[CELEBRITIES:]}
    assert not (invented | unread) & names
    assert {one.name for one in made.celebrities.values()} - unread < names


def test_image_sizes(small: Benchmark) -> None:
    """Originals and test images have the sizes asked for; celebrities keep the released shape."""
    assert open_image(small.profiles["001"].image).size == (32, 32)
    assert open_image(small.profiles["001"].test_images[0]).size == (24, 24)
    assert open_image(next(iter(small.celebrities.values())).image).size == (32, 39)


def test_same_seed_same_bytes(small: Benchmark) -> None:
    """A second run is equal in everything; another seed changes the people but not the celebrities' facts."""
    assert _small() == small
    other = _small(1)
    assert other.fingerprint != small.fingerprint
    assert set(other.celebrities) == set(small.celebrities)
    assert {one.name for one in other.profiles.values()} != {one.name for one in small.profiles.values()}


def test_more_people_change_nobody(small: Benchmark) -> None:
    """A larger benchmark contains the smaller one, question for question and pixel for pixel."""
    larger = synthesize(9, 4, 0, image_size=32, test_image_size=24, ratios=(25,))
    assert {profile_id: larger.profiles[profile_id] for profile_id in small.profiles} == small.profiles


def test_processes_draw_what_one_process_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether portraits are drawn in parallel changes neither their bytes nor their order."""
    portraits = [
        Portrait(person.appearance, ORIGINAL_POSE, 24, 24) for person in make_people(10, 0, "fictitious")
    ]
    monkeypatch.setattr("mllmu.synthesis.gallery._WORTH_PROCESSES", 0)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert draw_portraits(portraits) == [draw_portrait(portrait) for portrait in portraits]
    assert draw_portrait(portraits[0]) != draw_portrait(
        replace(portraits[0], pose=replace(ORIGINAL_POSE, yaw=20.0))
    )


def test_progress_counts_portraits() -> None:
    """The caller hears of every portrait, and the last call says that all are done."""
    calls: list[tuple[int, int]] = []
    synthesize(
        2, 1, 1, image_size=16, test_image_size=16, test_views=1, ratios=(50,),
        progress=lambda done, total: calls.append((done, total)),
    )  # fmt: skip
    assert calls == [(done, 6) for done in range(1, 7)]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"profiles": 1}, "profiles is 1; expected at least 2"),
        ({"celebrities": -1}, "celebrities is -1; expected at least 0"),
        ({"image_size": 4}, "image_size is 4; expected at least 16"),
        (
            {"profiles": 10**11},
            "100000000203 people are more than .*; expected at most 30000",
        ),
        ({"test_image_size": 9000}, "more than 50 megapixels"),
    ],
)
def test_wrong_numbers_are_said(wrong: dict[str, int], message: str) -> None:
    """A number that makes no benchmark is named before anybody is invented."""
    with pytest.raises(UserError, match=message):
        synthesize(**wrong)
