"""Which questions the official evaluation asks, with which demonstrations and pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mllmu.benchmark import Benchmark, EvaluationSet, Modality, Profile, Question, Split, Task
from mllmu.evaluation.protocols.official.draws import Draw, tested
from mllmu.evaluation.questions.items import Demonstration, Item
from mllmu.evaluation.questions.question_sets import shown_with
from mllmu.evaluation.view import ORIGINAL
from mllmu.evaluation.views.test_portraits import TEST_VIEW, portrait_label

SETS = (EvaluationSet.FORGET, EvaluationSet.TEST, EvaluationSet.RETAIN, EvaluationSet.CELEBRITY)

# In which sets the script demonstrates a task, whoever is drawn.
DEMONSTRATED: dict[Task, tuple[EvaluationSet, ...]] = {
    Task.CLASSIFICATION: (EvaluationSet.FORGET, EvaluationSet.TEST, EvaluationSet.RETAIN),
    Task.CLOZE: SETS,
    Task.GENERATION: (),
}
_Place = tuple[Modality, int]


def official_items(benchmark: Benchmark, split: Split, drawn: Draw) -> Iterator[Item]:
    """All items of one split: set after set, task after task, person after person.

    People who demonstrate a task in a set are not asked the same questions there. Which are the same the
    script tells by their place in the row; so those of the test set, which are paraphrases, are left out too.

    Raises:
        UserError: somebody has test questions about a picture but no test image.
    """
    for eval_set in SETS:
        people = _people(benchmark, split, eval_set)
        for task in Task:
            chosen = drawn.people.get((eval_set, task), ()) if eval_set in DEMONSTRATED[task] else ()
            demonstrators = {
                profile_id: profile
                for profile_id, profile in benchmark.profiles.items()
                if profile_id in chosen
            }
            shown = {
                modality: tuple(_demonstrations(demonstrators.values(), task, modality))
                for modality in Modality
            }
            for profile in people:
                demonstrator = demonstrators.get(profile.profile_id)
                skipped = _places(demonstrator.questions, task) if demonstrator else {}
                asked = profile.test_questions if eval_set is EvaluationSet.TEST else profile.questions
                for position, question in _places(asked, task).items():
                    if position not in skipped:
                        image, view = _picture(profile, question, eval_set, drawn)
                        yield Item(question, image, eval_set, view, shown[question.modality])


def _people(benchmark: Benchmark, split: Split, eval_set: EvaluationSet) -> list[Profile]:
    if eval_set is EvaluationSet.CELEBRITY:
        return list(benchmark.celebrities.values())
    ids: dict[EvaluationSet, Sequence[str]] = {
        EvaluationSet.FORGET: split.forget,
        EvaluationSet.TEST: tested(benchmark, split),
        EvaluationSet.RETAIN: split.retain,
    }
    return [benchmark.profiles[profile_id] for profile_id in ids[eval_set]]


def _demonstrations(people: Iterable[Profile], task: Task, modality: Modality) -> Iterator[Demonstration]:
    """All original questions of the people, with the original portrait where they are about a picture."""
    for profile in people:
        for question in profile.questions:
            if (question.task, question.modality) == (task, modality):
                yield Demonstration(question, shown_with(question, profile.image))


def _picture(
    profile: Profile, question: Question, eval_set: EvaluationSet, drawn: Draw
) -> tuple[bytes | None, str]:
    """What is shown with a question, and the label of the view."""
    if question.modality is Modality.TEXT:
        return None, ""
    if eval_set is not EvaluationSet.TEST:
        return profile.image, ORIGINAL
    portraits = TEST_VIEW.show(profile)
    label = portrait_label(drawn.images[question.task, profile.profile_id])
    return portraits[label], label


def _places(questions: Sequence[Question], task: Task) -> dict[_Place, Question]:
    """The questions of a task by modality and place in the row, in the order of asking.

    A row lists multiple-choice questions by modality, and those of the other tasks together.
    """
    of_task = [question for question in questions if question.task is task]
    if task is not Task.CLASSIFICATION:
        return {(question.modality, position): question for position, question in enumerate(of_task)}
    return {
        (modality, position): question
        for modality in Modality
        for position, question in enumerate(question for question in of_task if question.modality is modality)
    }
