"""Protects which questions depth is measured on: few, fixed, in pairs, and none that tells its own answer."""

from dataclasses import replace

from mllmu.benchmark.types import TrainingQuestion
from mllmu.evaluation.depth.taught_sample import taught_sample
from tests.training.people import people, people_with_values

BENCHMARK = people_with_values()
EVERYONE = tuple(BENCHMARK.profiles)


def test_each_question_is_there_with_the_picture_and_by_name():
    samples = taught_sample(BENCHMARK, EVERYONE, people=4, questions=1, seed=0)
    assert len(samples) == 8 and len({one.profile_id for one in samples}) == 4
    for shown, named in zip(samples[::2], samples[1::2], strict=True):
        assert shown.image is not None and named.image is None and named.name in named.question
        assert (shown.profile_id, shown.value) == (named.profile_id, named.value) and shown.value


def test_the_draw_is_the_seeds():
    draws = [taught_sample(BENCHMARK, EVERYONE, 3, 1, seed) for seed in (0, 0, 1, 2)]
    assert draws[0] == draws[1] and not draws[0] == draws[2] == draws[3]


def test_more_than_there_are_is_all_and_order_of_ids_is_nothing():
    every = taught_sample(BENCHMARK, EVERYONE, 99, 99, 0)
    assert len(every) == 10 * 2 * 2
    assert taught_sample(BENCHMARK, EVERYONE[::-1], 99, 99, 0) == every


def test_without_known_values_there_is_nothing_to_ask():
    assert taught_sample(people(), EVERYONE, 99, 99, 0) == []


def test_a_question_that_tells_its_answer_by_name_is_not_drawn():
    """ "Who is this?" by name says the name itself; by face it would do."""
    someone = BENCHMARK.profiles["001"]
    who = TrainingQuestion("001", "What is the name of this person?", f"The name is {someone.name}.", "name")
    benchmark = replace(BENCHMARK, profiles={"001": replace(someone, training_questions=(who,))})
    assert taught_sample(benchmark, ["001"], 9, 9, 0) == []


def test_only_what_is_to_be_forgotten_is_drawn():
    every = taught_sample(BENCHMARK, EVERYONE, 99, 99, 0)
    births = taught_sample(BENCHMARK, EVERYONE, 99, 99, 0, ["birthplace"])
    assert births == [one for one in every if one.attribute == "birthplace"] and len(births) == 20
