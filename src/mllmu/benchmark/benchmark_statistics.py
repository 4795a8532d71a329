"""Counts of people, questions and images, as in Table 1 of the paper (arXiv 2410.22108)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from mllmu.benchmark.types import Benchmark, Modality, Task


@dataclass(frozen=True)
class Statistics:
    """The counts of Table 1; holdout people, which the paper does not have, are counted separately.

    Attributes:
        profiles: fictitious people and celebrities.
        fictitious: people that are fine-tuned on.
        celebrities: people that are not.
        questions: evaluation questions about them, original and paraphrased.
        by_modality: the same by modality.
        by_task: the same by task.
        images: portraits that questions are asked with: every original, and the first test image of a person.
        further_test_images: portraits of the same people beyond these.
        training_questions: question and answer pairs for fine-tuning.
        perception_questions: questions about what can be seen in the original portraits, counted apart.
        forgotten: people to forget, by forget ratio in per cent.
        holdout: people outside all training.
    """

    profiles: int
    fictitious: int
    celebrities: int
    questions: int
    by_modality: Mapping[Modality, int]
    by_task: Mapping[Task, int]
    images: int
    further_test_images: int
    training_questions: int
    perception_questions: int
    forgotten: Mapping[int, int]
    holdout: int

    def rows(self) -> list[tuple[str, int]]:
        """The counts with their labels, in the order of Table 1."""
        return [
            ("questions", self.questions),
            *((f"{modality} questions", self.by_modality[modality]) for modality in Modality),
            *((f"{task} questions", self.by_task[task]) for task in Task),
            ("images", self.images),
            ("further test images", self.further_test_images),
            ("profiles", self.profiles),
            ("fictitious people", self.fictitious),
            ("celebrities", self.celebrities),
            ("holdout people", self.holdout),
            ("training questions", self.training_questions),
            *([("perception questions", self.perception_questions)] if self.perception_questions else []),
            *((f"people to forget at {ratio} %", count) for ratio, count in self.forgotten.items()),
        ]


def statistics(benchmark: Benchmark) -> Statistics:
    """Count a benchmark's people, questions, images and training questions."""
    people = [*benchmark.profiles.values(), *benchmark.celebrities.values()]
    questions = [question for person in people for question in (*person.questions, *person.test_questions)]
    modalities = Counter(question.modality for question in questions)
    tasks = Counter(question.task for question in questions)
    tested = [len(person.test_images) for person in people if person.test_images]
    return Statistics(
        profiles=len(people),
        fictitious=len(benchmark.profiles),
        celebrities=len(benchmark.celebrities),
        questions=len(questions),
        by_modality={modality: modalities[modality] for modality in Modality},
        by_task={task: tasks[task] for task in Task},
        images=len(people) + len(tested),
        further_test_images=sum(tested) - len(tested),
        training_questions=sum(len(person.training_questions) for person in people),
        perception_questions=sum(len(person.perception_questions) for person in people),
        forgotten={ratio: len(split.forget) for ratio, split in sorted(benchmark.splits.items())},
        holdout=len(benchmark.holdout),
    )
