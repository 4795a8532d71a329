"""A benchmark of two fictitious people, one celebrity and one holdout person, with one-pixel portraits."""

import io

from PIL import Image

from mllmu.benchmark.types import Benchmark, Modality, Profile, Question, Split, Task


def portrait(shade):
    stored = io.BytesIO()
    Image.new("RGB", (64, 64), (shade, 90, 255 - shade)).save(stored, "PNG")
    return stored.getvalue()


def questions(profile_id, view):
    """One question of each task and modality."""
    made = []
    for modality in Modality:
        who = "this person" if modality == Modality.IMAGE_TEXT else f"person {profile_id}"

        def of(task, text, answer, name=modality, **more):
            question_id = f"{profile_id}/{view}/{task}/{name}"
            made.append(Question(question_id, profile_id, task, name, text, answer, **more))

        of(
            Task.CLASSIFICATION,
            f"Where was {who} born?",
            "Riga, Latvia",
            options={"B": "Riga, Latvia", "A": "Oslo", "D": "Paris in France", "C": "Rome"},
            correct_option="B",
            value="Riga, Latvia",
            attribute="birthplace",
        )
        of(
            Task.GENERATION,
            f"What does {who} do?",
            f"{who} works as a nurse.",
            value="nurse",
            attribute="profession",
            paraphrased_answer=f"The job of {who} is nurse.",
            wrong_answers=(f"The job of {who} is teacher.", f"The job of {who} is driver."),
        )
        of(
            Task.CLOZE,
            f"The pet of {who} is __ .",
            "a cat",
            value="a cat",
            attribute="pet",
            wording="withheld",
        )
    return tuple(made)


def profile(profile_id, shade, **more):
    image, asked = portrait(shade), questions(profile_id, "original")
    return Profile(profile_id, f"person {profile_id}", {}, image, asked, **more)


def tested(profile_id, shade):
    images = portrait(shade + 1), portrait(shade + 2)
    return profile(profile_id, shade, test_images=images, test_questions=questions(profile_id, "test"))


PEOPLE = {"001": tested("001", 10), "002": tested("002", 20)}
SPLIT = Split(50, ("002",), ("001",))
BENCHMARK = Benchmark(
    "two people", PEOPLE, {"Ada": profile("Ada", 30)}, {"h1": profile("h1", 40)}, {50: SPLIT}
)
