"""Protects the draws: the module's generator, used as ``eval.py`` uses it, draws the same."""

import random
from dataclasses import replace

import pytest

from mllmu.benchmark.types import EvaluationSet, Split, Task
from mllmu.errors import UserError
from mllmu.evaluation.protocols.official.draws import draw

from .people import BENCHMARK, PEOPLE, SPLIT

FORGET, TEST, RETAIN = EvaluationSet.FORGET, EvaluationSet.TEST, EvaluationSet.RETAIN
LLAVA = {Task.CLASSIFICATION: 1, Task.CLOZE: 2}
IDEFICS2 = {Task.CLASSIFICATION: 1, Task.CLOZE: 1}


def as_the_script_draws(seed, cloze, rows):
    """The calls in the order in which they are made: forget, test row by row and task by task, retain."""
    random.seed(seed)
    people, images = {}, {}
    people[FORGET, Task.CLOZE] = random.sample(["c", "a", "b"], cloze)
    people[FORGET, Task.CLASSIFICATION] = random.sample(["c", "a", "b"], 1)
    people[TEST, Task.CLASSIFICATION] = random.sample(["c", "a", "b"], 1)
    images |= {(Task.CLASSIFICATION, who): random.choice([0, 1]) for who in rows}
    people[TEST, Task.CLOZE] = random.sample(["c", "a", "b"], cloze)
    images |= {(Task.CLOZE, who): random.choice([0, 1]) for who in rows}
    images |= {(Task.GENERATION, who): random.choice([0, 1]) for who in rows}
    people[RETAIN, Task.CLOZE] = random.sample(["e", "d"], cloze)
    people[RETAIN, Task.CLASSIFICATION] = random.sample(["e", "d"], 1)
    return {key: tuple(ids) for key, ids in people.items()}, images


@pytest.mark.parametrize("counts", [LLAVA, IDEFICS2], ids=["llava", "idefics2"])
@pytest.mark.parametrize("seed", range(5))
def test_the_same_seed_draws_the_same(seed, counts):
    drawn = draw(BENCHMARK, SPLIT, counts, seed)
    assert (drawn.people, drawn.images) == as_the_script_draws(seed, counts[Task.CLOZE], ["a", "b", "c"])


def test_test_portraits_are_drawn_in_the_order_of_the_test_rows():
    """Their rows may stand in another order than the people's."""
    benchmark = replace(BENCHMARK, test_order=("e", "b", "a", "c", "d"))
    drawn = draw(benchmark, SPLIT, LLAVA, 3)
    assert (drawn.people, drawn.images) == as_the_script_draws(3, 2, ["b", "a", "c"])


def test_the_module_generator_is_left_alone():
    random.seed(1)
    state = random.getstate()
    draw(BENCHMARK, SPLIT, LLAVA, 0)
    assert random.getstate() == state


def test_too_few_people_are_named():
    with pytest.raises(
        UserError, match="draws 2 people who demonstrate cloze questions from the retain set, which"
    ):
        draw(BENCHMARK, Split(80, tuple("abcd"), ("e",)), LLAVA, 0)


def test_one_portrait_consumes_random_numbers_too():
    """`random.choice` asks the generator for bits even where there is nothing to choose."""
    alone = {key: replace(one, test_images=one.test_images[:1]) for key, one in PEOPLE.items()}
    random.seed(4)
    random.sample(["c", "a", "b"], 2), random.sample(["c", "a", "b"], 1), random.sample(["c", "a", "b"], 1)
    for _ in range(3):
        random.choice(["only"])
    expected = tuple(random.sample(["c", "a", "b"], 2))
    assert draw(replace(BENCHMARK, profiles=alone), SPLIT, LLAVA, 4).people[TEST, Task.CLOZE] == expected
