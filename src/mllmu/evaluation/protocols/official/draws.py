"""What the official evaluation draws, in the order in which ``eval.py`` consumes its random numbers.

The script never seeds the generator; after ``random.seed(s)`` it draws what `draw` gives for the seed s.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mllmu.benchmark import Benchmark, EvaluationSet, Split, Task
from mllmu.errors import UserError


@dataclass(frozen=True)
class Draw:
    """Who demonstrates, and which portraits the test people are shown with.

    Attributes:
        people: by set and task, the ids of the fictitious people who demonstrate there.
        images: by task and id, the index of the test portrait.
    """

    people: Mapping[tuple[EvaluationSet, Task], tuple[str, ...]]
    images: Mapping[tuple[Task, str], int]


def tested(benchmark: Benchmark, split: Split) -> list[str]:
    """The forget people who have test questions or images, in the order of the test set's rows."""
    order = benchmark.test_order or tuple(benchmark.profiles)
    return [profile_id for profile_id in order if profile_id in split.forget]


def draw(benchmark: Benchmark, split: Split, counts: Mapping[Task, int], seed: int) -> Draw:
    """Draw demonstrators from the set under evaluation and one portrait per test row, task and person.

    Args:
        benchmark: the people.
        split: who is forgotten and retained.
        counts: how many people demonstrate each task.
        seed: of the generator.

    Raises:
        UserError: a set has fewer people than are drawn from it.
    """
    rng = random.Random(seed)
    people: dict[tuple[EvaluationSet, Task], tuple[str, ...]] = {}
    images: dict[tuple[Task, str], int] = {}
    rows = tested(benchmark, split)

    def sample(eval_set: EvaluationSet, task: Task, ids: Sequence[str]) -> None:
        if len(ids) < counts[task]:
            raise UserError(
                f"Protocol official draws {counts[task]} people who demonstrate {task} questions from the "
                f"{eval_set} set, which has {len(ids)}: expected at least as many."
            )
        people[eval_set, task] = tuple(rng.sample(list(ids), counts[task]))

    def choose(task: Task) -> None:
        for profile_id in rows:
            if shown := benchmark.profiles[profile_id].test_images:
                images[task, profile_id] = rng.choice(range(len(shown)))

    sample(EvaluationSet.FORGET, Task.CLOZE, split.forget)
    sample(EvaluationSet.FORGET, Task.CLASSIFICATION, split.forget)
    for task in (Task.CLASSIFICATION, Task.CLOZE):
        sample(EvaluationSet.TEST, task, split.forget)
        choose(task)
    choose(Task.GENERATION)
    sample(EvaluationSet.RETAIN, Task.CLOZE, split.retain)
    sample(EvaluationSet.RETAIN, Task.CLASSIFICATION, split.retain)
    # Celebrities are drawn last, but looked up among the fictitious people, where they are not.
    return Draw(people, images)
