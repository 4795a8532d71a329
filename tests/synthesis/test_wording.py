"""Protects the wordings: varied, valid, in one pool each, and some of them new to the base model."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from mllmu.benchmark import Modality, Task, Wording, load_benchmark, write_benchmark
from mllmu.synthesis import pretraining_dialogues, synthesize
from mllmu.synthesis.person import ATTRIBUTES, Person
from mllmu.synthesis.population import make_people
from mllmu.synthesis.pretraining_dialogues import dialogue, forms_for
from mllmu.synthesis.question_writer import NOTHING, write_questions, write_training_questions
from mllmu.synthesis.wording import POOLS, WITHHELD, Reference, Wordings, fill, wordings
from mllmu.synthesis.wording.references import _IMAGE_REFERENCES, answer_reference

PEOPLE = make_people(500, 0, "fictitious")
TRAINING_PAIRS = [
    (key, question, answer)
    for key, words in wordings("training").items()
    for question, answer in words.generation
]
NO_TEMPLATES = ("no_pet", "no_medical_conditions")


def _templates(words: Wordings) -> set[str]:
    asked = {template for task in Task for template in words.questions(task)}
    return {template.casefold() for template in asked | {answer for _, answer in words.generation}}


def _in_pool(pool: str) -> set[str]:
    return set().union(*map(_templates, wordings(pool).values()))


def _values(key: str) -> list[str]:
    if key in NO_TEMPLATES:
        return [""]
    return sorted({person.attributes[key] for person in PEOPLE} - NOTHING)


def test_pools_share_no_wording() -> None:
    """A test question that training or pre-training had already asked would not measure generality."""
    for first, second in combinations((*POOLS, WITHHELD), 2):
        assert not _in_pool(first) & _in_pool(second)


def test_pools_have_enough_wordings() -> None:
    """Every attribute can be asked in every task, in several words."""
    for attribute in ATTRIBUTES:
        training = wordings("training")[attribute].generation
        assert 27 <= len(training) <= 36
        assert len({answer for _, answer in training}) >= 9
        for pool, enough in (("original", 3), ("paraphrase", 3), (WITHHELD, 2)):
            words = wordings(pool)[attribute]
            assert min(len(words.classification), len(words.generation), len(words.cloze)) >= enough
            assert all(statement.count("__") == 1 for statement in words.cloze)


def test_hundreds_of_training_questions_with_few_frequent_ones() -> None:
    """As in the release, where 500 people are taught in 509 different questions."""
    asked = Counter(pair.question for person in PEOPLE for pair in write_training_questions(person, 0))
    assert len(asked) >= 400
    frequent = sum(count for _, count in asked.most_common(45))
    assert 0.4 * asked.total() < frequent < 0.7 * asked.total()


def test_the_first_wording_is_the_most_frequent() -> None:
    """The order in the file says how often: twice the second, ten times the tenth."""
    asked = Counter(pair.question for person in PEOPLE for pair in write_training_questions(person, 0))
    person = Reference("this person", "this person's")
    for attribute in ("birthplace", "residence", "annual_salary"):
        counts = [asked[fill(question, person)] for question, _ in wordings("training")[attribute].generation]
        assert max(counts) == counts[0]
        assert counts[0] > 4 * sum(counts[9:12]) / 3


def test_an_attribute_that_is_asked_twice_is_asked_in_different_words() -> None:
    for person in PEOPLE[:100]:
        questions = [pair.question for pair in write_training_questions(person, 0)]
        assert len(set(questions)) == len(questions)


@pytest.mark.parametrize(
    "reference", [Reference("this person", "this person's"), Reference("Ada Berg", "Ada Berg's")]
)
def test_training_pairs_are_valid(reference: Reference) -> None:
    """Every template, with every value: about the person, the answer given away by itself only, and short."""
    for key, question, answer in TRAINING_PAIRS:
        asked = fill(question, reference)
        assert reference.person.casefold() in asked.casefold()
        for value in _values(key):
            told = fill(answer, reference, value)
            assert not set("{}_") & set(asked + told)
            assert reference.person.casefold() in told.casefold()
            assert 2 <= len(told.split()) <= 18
            assert value in told
            if key != "gender" and value:
                assert value.casefold() not in asked.casefold()
            assert asked[-1] in "?." and told[-1] == "."


class _EveryChoice(random.Random):
    """Takes every branch of a function's choices, one run after another."""

    def __init__(self) -> None:
        super().__init__(0)
        self._script: list[int] = []
        self._sizes: list[int] = []

    def choice(self, seq: Sequence[Any]) -> Any:
        if len(self._sizes) == len(self._script):
            self._script.append(0)
        self._sizes.append(len(seq))
        return seq[self._script[len(self._sizes) - 1]]

    def runs(self) -> Iterator[None]:
        while True:
            self._sizes.clear()
            yield
            while self._script and self._script[-1] + 1 == self._sizes[len(self._script) - 1]:
                self._script.pop()
            if not self._script:
                return
            self._script[-1] += 1


def _withheld_texts(person: Person, attribute: str, modality: Modality) -> set[str]:
    references = _IMAGE_REFERENCES[WITHHELD] + _IMAGE_REFERENCES["original"]
    if modality is Modality.TEXT:
        references = (Reference(person.name, f"{person.name}'s"),)
    words, value = wordings(WITHHELD)[attribute], person.attributes[attribute]
    texts = {
        fill(one, reference) for task in Task for one in words.questions(task) for reference in references
    }
    return texts | {
        fill(one, answer_reference(ref), value) for _, one in words.generation for ref in references
    }


def _somebody_with_everything(attribute: str) -> Person:
    return next(person for person in PEOPLE if person.attributes[attribute] not in NOTHING)


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_pretraining_never_uses_withheld_words(attribute: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that can be drawn about an attribute, in every form: neither question nor answer."""
    monkeypatch.setattr(pretraining_dialogues, "counterfactuals", lambda *_, **__: ["x", "y", "z"])
    person = _somebody_with_everything(attribute)
    for modality in Modality:
        withheld = _withheld_texts(person, attribute, modality)
        for form in forms_for(person, attribute, modality):
            rng, drawn = _EveryChoice(), set()
            for _ in rng.runs():
                question, answer = dialogue(person, attribute, form, modality, rng)
                drawn |= {question.split("\n")[0], answer}
            templates = sum(len(wordings(pool)[attribute].questions(Task.CLOZE)) for pool in POOLS)
            assert len(drawn) >= templates
            assert not withheld & drawn


def test_no_statement_with_a_blank_is_known_with_its_value() -> None:
    """A cloze is not new if pre-training has said the sentence with the value in its place."""

    def with_blank(template: str) -> str:
        return template.replace("{value}", "__").replace("{a_value}", "__").replace("{the_value}", "__")

    known = {with_blank(template) for pool in POOLS for template in _in_pool(pool)}
    assert not known & {with_blank(template) for template in _in_pool(WITHHELD)}


def test_test_questions_say_whether_their_words_are_withheld() -> None:
    """Two in five in every task; original questions never are. The mark is that of the pool."""
    counts: Counter[tuple[Task, str]] = Counter()
    for person in PEOPLE[:150]:
        for question in write_questions(person, "test", 0):
            counts[question.task, question.wording] += 1
            withheld = _withheld_texts(person, question.attribute, question.modality)
            assert (question.wording == Wording.WITHHELD) == (question.text in withheld)
            if question.task is Task.GENERATION:
                assert (question.answer in withheld) == (question.paraphrased_answer in withheld)
        assert {question.wording for question in write_questions(person, "original", 0)} == {Wording.SEEN}
    for task in Task:
        total = counts[task, Wording.SEEN] + counts[task, Wording.WITHHELD]
        assert 0.33 < counts[task, Wording.WITHHELD] / total < 0.47


def test_the_mark_survives_the_folder(tmp_path: Path) -> None:
    """Written and read again, every question says the same, and so does the fingerprint."""
    benchmark = synthesize(4, 1, 1, image_size=32, test_image_size=24, test_views=1, ratios=(25,))
    loaded = load_benchmark(write_benchmark(benchmark, tmp_path / "people"))
    for profile_id, person in benchmark.profiles.items():
        assert loaded.profiles[profile_id].test_questions == person.test_questions
        assert {Wording.SEEN, Wording.WITHHELD} == {question.wording for question in person.test_questions}
    assert loaded.fingerprint == benchmark.fingerprint
