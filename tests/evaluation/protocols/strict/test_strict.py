"""How ``strict`` puts each form of question, with and without demonstrations."""

import pytest

from mllmu.benchmark.types import EvaluationSet, Modality, Task
from mllmu.evaluation import STRICT, Part
from mllmu.inference import Stop
from mllmu.models import Message
from tests.evaluation.people import BENCHMARK, SPLIT, profile

ITEMS = STRICT.items(BENCHMARK, [SPLIT])[SPLIT.forget_ratio]


def item_of(task, modality=Modality.TEXT, items=ITEMS, eval_set=EvaluationSet.FORGET):
    return next(
        item
        for item in items
        if (item.question.task, item.question.modality, item.eval_set) == (task, modality, eval_set)
    )


def test_a_choice_is_scored_by_wording_and_by_letter_and_a_letter_is_written():
    asking = STRICT.put(item_of(Task.CLASSIFICATION))
    short = (Message("user", "Where was person 002 born?\nAnswer in a few words."),)
    listed = (
        Message(
            "user",
            "Where was person 002 born?\nA: Oslo\nB: Riga, Latvia\nC: Rome\nD: Paris in France\n"
            "Answer with one letter.",
        ),
    )
    assert asking.prompt.messages == short
    assert asking.scored[Part.OPTIONS].prompt.messages == short
    assert asking.scored[Part.OPTIONS].answers == ("Oslo", "Riga, Latvia", "Rome", "Paris in France")
    assert asking.scored[Part.LETTERS].prompt.messages == listed
    assert asking.scored[Part.LETTERS].answers == ("A", "B", "C", "D")
    assert asking.response is None
    letter = asking.letter_response
    assert letter.prompt.messages == listed
    # A first character would do for "B" but not for "The answer is B".
    assert (letter.stop, letter.max_new_tokens) == (Stop.END_TOKEN, 8)
    assert [letter.read(text) for text in ("The answer is B", "Rome", "A or B")] == ["B", "C", ""]


def test_free_text_and_blanks_are_written_and_their_answers_scored():
    free, blank = STRICT.put(item_of(Task.GENERATION)), STRICT.put(item_of(Task.CLOZE))
    assert {part: len(scored.answers) for part, scored in free.scored.items()} == {
        Part.ANSWER: 1,
        Part.PARAPHRASE: 1,
        Part.WRONG: 2,
    }
    assert blank.scored[Part.ANSWER].answers == ("a cat",)
    assert (free.response.max_new_tokens, blank.response.max_new_tokens) == (40, 16)
    for asking in (free, blank):
        assert asking.response.prompt == asking.prompt
        assert all(scored.prompt == asking.prompt for scored in asking.scored.values())
        assert asking.response.read(" as it is") == " as it is"
        assert asking.letter_response is None


@pytest.mark.parametrize("modality", Modality)
def test_demonstrations_are_earlier_turns_in_the_form_of_the_question(modality):
    """The demonstrator is asked in the same words, with their own portrait, and answers as one should."""
    shown = profile("003", 50)
    people = BENCHMARK.profiles | {"003": shown}
    benchmark = type(BENCHMARK)("three", people, BENCHMARK.celebrities, BENCHMARK.holdout, {})
    split = type(SPLIT)(34, ("002",), ("001", "003"))
    items = STRICT.items(benchmark, [split], "003")[34]
    pictures = (shown.image,) if modality == Modality.IMAGE_TEXT else ()
    for task, said in {
        Task.CLASSIFICATION: "Riga, Latvia",
        Task.GENERATION: "this person works as a nurse." if pictures else "person 003 works as a nurse.",
        Task.CLOZE: "a cat",
    }.items():
        item = item_of(task, modality, items)
        asked, answered, question = STRICT.put(item).prompt.messages
        assert [one.role for one in (asked, answered, question)] == ["user", "assistant", "user"]
        assert (asked.images, question.images) == (pictures, () if item.image is None else (item.image,))
        assert asked.text == question.text.replace("person 002", "person 003")
        assert (answered.text, answered.images) == (said, ())
    listed = STRICT.put(item_of(Task.CLASSIFICATION, modality, items)).scored[Part.LETTERS].prompt
    assert [message.text for message in listed.messages[1:2]] == ["B"]
    assert "\nC: Rome\n" in listed.messages[0].text


def test_all_sets_are_put_alike():
    """Only wording and portrait tell a celebrity from a person to forget."""
    for task in Task:
        texts = set()
        for eval_set in {item.eval_set for item in ITEMS}:
            item = item_of(task, Modality.IMAGE_TEXT, eval_set=eval_set)
            asking = STRICT.put(item)
            shape = [(part, len(scored.answers)) for part, scored in asking.scored.items()]
            texts.add((asking.prompt.messages[0].text, str(shape), bool(asking.response)))
        assert len(texts) == 1


def test_every_test_portrait_is_asked_about():
    """Once per portrait, under keys of their own; questions in text are asked once."""
    test = [item for item in ITEMS if item.eval_set == EvaluationSet.TEST]
    assert len({item.key for item in ITEMS}) == len(ITEMS)
    counts = {
        modality: sum(item.question.modality == modality for item in test) / len(Task)
        for modality in Modality
    }
    assert counts == {Modality.IMAGE_TEXT: 2, Modality.TEXT: 1}
