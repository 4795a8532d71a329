"""A small benchmark made by hand, so that these tests do not depend on synthesis."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image

from mllmu.benchmark import Benchmark, Modality, Profile, Question, Split, Task, TrainingQuestion, fingerprint


def encoded_image(shade: int, kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (8, 6), (shade % 256, 100, 50)).save(stream, kind)
    return stream.getvalue()


def a_choice(profile_id: str, wording: str, modality: Modality, index: int) -> Question:
    return Question(
        question_id=f"{profile_id}/{wording}/classification/{modality}/{index}",
        profile_id=profile_id,
        task=Task.CLASSIFICATION,
        modality=modality,
        text=f"Where was this person born ({wording} {index})?",
        answer="Riga, Latvia",
        options={"A": "Tartu, Estonia", "B": "Riga, Latvia", "C": "Kaunas, Lithuania", "D": "Turku, Finland"},
        correct_option="B",
        value="Riga, Latvia",
        attribute="birthplace",
    )


def a_free_form(profile_id: str, wording: str, task: Task, modality: Modality) -> Question:
    generation = task is Task.GENERATION
    return Question(
        question_id=f"{profile_id}/{wording}/{task}/{modality}/0",
        profile_id=profile_id,
        task=task,
        modality=modality,
        text="Who is the cat of this person?" if generation else "The cat is called __.",
        answer="The cat is called Žanna." if generation else "Žanna",
        value="Žanna",
        attribute="pet",
        paraphrased_answer="Žanna is the cat's name." if generation else "",
        wrong_answers=("The cat is called Ilze.", "The cat is called Ieva.") if generation else (),
    )


def some_questions(profile_id: str, wording: str) -> tuple[Question, ...]:
    # Not grouped by task, and differing in number by modality: the order has to survive on its own.
    return (
        a_free_form(profile_id, wording, Task.CLOZE, Modality.TEXT),
        a_choice(profile_id, wording, Modality.TEXT, 0),
        a_choice(profile_id, wording, Modality.IMAGE_TEXT, 0),
        a_free_form(profile_id, wording, Task.GENERATION, Modality.IMAGE_TEXT),
        a_choice(profile_id, wording, Modality.IMAGE_TEXT, 1),
    )


def a_fictitious(number: int, first_shade: int = 0) -> Profile:
    profile_id = f"{number:03d}"
    return Profile(
        profile_id=profile_id,
        name=f"Amélie Nr. {number}",
        biography={"Name": f"Amélie Nr. {number}", "Fun Facts": {"Pet": "a cat"}, "Parents": ["a", "b"]},
        image=encoded_image(first_shade + number),
        questions=some_questions(profile_id, "original"),
        test_images=(
            encoded_image(first_shade + number + 1, "JPEG"),
            encoded_image(first_shade + number + 2),
        ),
        test_questions=some_questions(profile_id, "test"),
        training_questions=(
            TrainingQuestion(profile_id, "Where was this person born?", "In Riga.", "birthplace"),
            TrainingQuestion(profile_id, "Is there a pet?", "A cat — named Žanna."),
        ),
        prompt="Tell me more about the background of this person.",
        prose="Born in Riga.\nLives there.",
    )


def a_celebrity(profile_id: str, shade: int) -> Profile:
    return Profile(
        profile_id=profile_id,
        name="Zoë Sample" if profile_id == "Zoe_Sample" else profile_id.replace("_", " "),
        biography={"Name": "stage name"},
        image=encoded_image(shade, "JPEG"),
        questions=some_questions(profile_id, "original"),
    )


def with_fingerprint(benchmark: Benchmark) -> Benchmark:
    return replace(benchmark, fingerprint=fingerprint(benchmark))


@pytest.fixture
def benchmark() -> Benchmark:
    """Five fictitious people, two celebrities, one holdout person, and one split of 20 per cent."""
    holdout = replace(a_fictitious(901, 100), training_questions=())
    return with_fingerprint(
        Benchmark(
            name="By hand: a small one",
            profiles={f"{number:03d}": a_fictitious(number) for number in range(1, 6)},
            celebrities={name: a_celebrity(name, 200 + len(name)) for name in ("Kal_Example", "Zoe_Sample")},
            holdout={"901": holdout},
            splits={20: Split(20, ("004",), ("002", "001", "005", "003"))},
        )
    )
