"""A benchmark the official evaluation can draw from: five fictitious people with two test portraits each."""

from dataclasses import replace

from mllmu.benchmark.types import Benchmark, Modality, Question, Split, Task
from tests.evaluation.people import portrait, profile, questions

IMAGE, TEXT = Modality


def moved(question):
    """The same question with its right option under D, so that no one letter is right everywhere."""
    if question.task is not Task.CLASSIFICATION:
        return question
    options = {**question.options, "B": question.options["D"], "D": question.options["B"]}
    return replace(question, options=options, correct_option="D")


def person(profile_id, shade):
    """Two questions of each task and modality; the test row lists its cloze questions in another order."""
    first, second = questions(profile_id, "original"), questions(profile_id, "more")
    original = sorted(
        (*first, *map(moved, second)), key=lambda question: (question.task.value, question.modality.value)
    )
    test = [
        replace(
            question, question_id=question.question_id.replace("/", "/test/"), text=f"Tell: {question.text}"
        )
        for question in original
    ]
    cloze = [question for question in test if question.task is Task.CLOZE]
    others = [question for question in test if question.task is not Task.CLOZE]
    return replace(
        profile(profile_id, shade),
        questions=tuple(original),
        test_questions=(*others, cloze[0], cloze[2], cloze[1], cloze[3]),
        test_images=(portrait(shade + 1), portrait(shade + 2)),
    )


PEOPLE = {
    profile_id: person(profile_id, 10 * place) for place, profile_id in enumerate(("a", "b", "c", "d", "e"))
}
SPLIT = Split(60, ("c", "a", "b"), ("e", "d"))
BENCHMARK = Benchmark(
    "five people",
    PEOPLE,
    {"Ada": profile("Ada", 100), "Bo": profile("Bo", 120)},
    {"h": profile("h", 110)},
    {60: SPLIT},
)


def choice(text, options, correct="B", modality=IMAGE):
    return Question(
        text, "a", Task.CLASSIFICATION, modality, text, "x", options=options, correct_option=correct
    )


def cloze(text, answer, modality=IMAGE):
    return Question(text, "a", Task.CLOZE, modality, text, answer)
