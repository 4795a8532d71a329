"""Protects the counts of Table 1."""

from __future__ import annotations

from dataclasses import replace

from mllmu.benchmark import Benchmark, Modality, Task, statistics


def test_counts_are_those_of_table_1(benchmark: Benchmark) -> None:
    """Five people with 5 + 5 questions and two celebrities with 5: 60 questions.

    Of each five, 3 are with the image and 2 without; 3 multiple choice, 1 generation, 1 cloze. Images that
    are asked about: 5 originals, 5 test images, 2 celebrities; every person has one more test image.
    """
    counts = statistics(benchmark)
    assert counts.questions == 60
    assert counts.by_modality == {Modality.IMAGE_TEXT: 36, Modality.TEXT: 24}
    assert counts.by_task == {Task.CLASSIFICATION: 36, Task.GENERATION: 12, Task.CLOZE: 12}
    assert (counts.images, counts.further_test_images) == (12, 5)
    assert (counts.profiles, counts.fictitious, counts.celebrities, counts.holdout) == (7, 5, 2, 1)
    assert counts.training_questions == 10
    assert counts.forgotten == {20: 1}


def test_rows_have_labels(benchmark: Benchmark) -> None:
    rows = dict(statistics(benchmark).rows())
    assert rows["questions"] == 60
    assert rows["image_text questions"] == 36
    assert rows["people to forget at 20 %"] == 1


def test_what_can_be_seen_is_counted_apart(benchmark: Benchmark) -> None:
    """It is no part of Table 1, and not listed where it is not asked."""
    someone = benchmark.profiles["001"]
    asked = replace(someone, perception_questions=someone.questions[:2])
    counts = statistics(replace(benchmark, profiles={**benchmark.profiles, "001": asked}))
    assert (counts.questions, dict(counts.rows())["perception questions"]) == (60, 2)
    assert "perception questions" not in dict(statistics(benchmark).rows())
