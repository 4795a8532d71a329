import pytest

from mllmu.benchmark.types import Task
from mllmu.errors import UserError
from mllmu.evaluation import STRICT, STRICT_LETTERS, get_protocol, protocol_names

from .people import PEOPLE


def asked(task):
    return next(question for question in PEOPLE["001"].questions if question.task == task)


def test_strict_wordings_to_the_letter():
    """The built-in model is trained on exactly these strings; a changed space would cost accuracy."""
    assert STRICT.generation(asked(Task.GENERATION)) == "What does this person do?"
    assert STRICT.cloze(asked(Task.CLOZE)) == "The pet of this person is __ .\nFill in the blank."
    short = STRICT.option_likelihood(asked(Task.CLASSIFICATION))
    assert short == "Where was this person born?\nAnswer in a few words."
    assert STRICT.letter_likelihood is None
    assert STRICT_LETTERS.letter_likelihood is not None
    assert STRICT_LETTERS.letter_likelihood(asked(Task.CLASSIFICATION)) == (
        "Where was this person born?\nA: Oslo\nB: Riga, Latvia\nC: Rome\nD: Paris in France\n"
        "Answer with one letter."
    )


def test_protocols_are_found_by_name():
    assert [get_protocol(name).name for name in protocol_names()] == list(protocol_names())
    with pytest.raises(UserError, match="unknown protocol 'strickt': did you mean 'strict'"):
        get_protocol("strickt")
