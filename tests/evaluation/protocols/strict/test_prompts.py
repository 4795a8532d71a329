from mllmu.benchmark.types import Task
from mllmu.evaluation.protocols.strict import strict_prompts as prompts
from tests.evaluation.people import PEOPLE


def asked(task):
    return next(question for question in PEOPLE["001"].questions if question.task == task)


def test_wordings_to_the_letter():
    """The built-in model is trained on exactly these strings; a changed space would cost accuracy."""
    choice = asked(Task.CLASSIFICATION)
    assert prompts.generation_prompt(asked(Task.GENERATION)) == "What does this person do?"
    assert prompts.cloze_prompt(asked(Task.CLOZE)) == "The pet of this person is __ .\nFill in the blank."
    assert prompts.short_answer_prompt(choice) == "Where was this person born?\nAnswer in a few words."
    assert prompts.letter_prompt(choice) == (
        "Where was this person born?\nA: Oslo\nB: Riga, Latvia\nC: Rome\nD: Paris in France\n"
        "Answer with one letter."
    )
