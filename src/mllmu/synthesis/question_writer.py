"""Write the 18 evaluation questions of a person's view, and the training questions."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from mllmu.benchmark.types import Modality, Question, Task, TrainingQuestion, Wording
from mllmu.synthesis.alternatives import counterfactuals, distribution_given_the_rest
from mllmu.synthesis.person import ATTRIBUTES, Person
from mllmu.synthesis.seed_derivation import derive_rng
from mllmu.synthesis.wording import WITHHELD, Reference, answer_reference, fill, pick_reference, wordings

VIEWS = {"original": ("original",), "test": ("paraphrase", WITHHELD)}
"""The pools that word the questions of a view; each of their templates is as likely."""

COUNTS = {Task.CLASSIFICATION: 5, Task.GENERATION: 2, Task.CLOZE: 2}
"""Questions per person, view and modality."""

UNGUESSABLE = (
    "birthplace",
    "date_of_birth",
    "profession",
    "height",
    "education",
    "annual_salary",
    "residence",
    "father_job",
    "mother_job",
    "hobby",
    "favorite_food",
    "pet",
)
"""What may be asked in free text: gender and health are as good as known, a name has no text form."""

LETTERS = "ABCD"
WRONG_OPTIONS = len(LETTERS) - 1
WRONG_ANSWERS = 5

NOTHING = frozenset({"none", "no pet"})
"""Values that say that a person has none: they make a sentence of their own and fit no blank."""

# Weights of 14 to 19 training questions; their mean is 15.4, as in the release.
_TRAINING_COUNTS = {14: 8, 15: 62, 16: 18, 17: 7, 18: 3, 19: 2}


def plan_attributes(person: Person, modality: Modality, seed: int) -> dict[Task, tuple[str, ...]]:
    """Decide which attributes are asked in which task; the same for every view.

    Returns:
        Per task as many attributes as ``COUNTS`` says; none appears twice in one modality.
    """
    rng = derive_rng(seed, "question plan", person.profile_id, modality.value)
    free = [attribute for attribute in UNGUESSABLE if _askable(person, attribute, modality)]
    generation = rng.sample(free, COUNTS[Task.GENERATION])
    rest = [attribute for attribute in free if attribute not in generation]
    cloze = rng.sample(rest, COUNTS[Task.CLOZE])
    rest = [attribute for attribute in rest if attribute not in cloze]
    if modality is Modality.IMAGE_TEXT:
        rest.insert(0, "name")
    return {
        Task.CLASSIFICATION: tuple(rng.sample(rest, COUNTS[Task.CLASSIFICATION])),
        Task.GENERATION: tuple(generation),
        Task.CLOZE: tuple(cloze),
    }


def write_questions(person: Person, view: str, seed: int) -> tuple[Question, ...]:
    """Write the questions that belong to one view of a person.

    Args:
        person: whom they are about.
        view: ``original``, or ``test`` for the same attributes in paraphrased wording with the same options.
        seed: seed of the benchmark; all draws also depend on the person and the view.

    Returns:
        18 questions: classification, generation, cloze, each first with the image and then without. Each
        says whether the base model was pre-trained on its wording.
    """
    rng = derive_rng(seed, "questions", person.profile_id, view)
    plans = {modality: plan_attributes(person, modality, seed) for modality in Modality}
    letters = _balanced_letters(sum(len(plan[Task.CLASSIFICATION]) for plan in plans.values()), rng)
    questions = []
    for task in Task:
        for modality in Modality:
            for index, attribute in enumerate(plans[modality][task]):
                question_id = f"{person.profile_id}/{view}/{task}/{modality}/{index}"
                slot = _Slot(question_id, person, attribute, task, modality, VIEWS[view], seed)
                if task is Task.CLASSIFICATION:
                    questions.append(_classification(slot, letters.pop(), rng))
                else:
                    questions.append((_generation if task is Task.GENERATION else _cloze)(slot, rng))
    return tuple(questions)


def write_training_questions(person: Person, seed: int) -> tuple[TrainingQuestion, ...]:
    """Write a person's question-answer pairs for fine-tuning, worded about "this person".

    Returns:
        14 to 19 question-answer pairs in the order of ``ATTRIBUTES``: every attribute that any evaluation
        question asks, some attributes twice in different words. The n-th wording of an attribute is 1/n times
        as likely as the first, so that few are frequent and many are rare, as in the release.
    """
    rng = derive_rng(seed, "training questions", person.profile_id)
    count = rng.choices(list(_TRAINING_COUNTS), list(_TRAINING_COUNTS.values()))[0]
    times = dict.fromkeys(ATTRIBUTES, 1)
    if count < len(ATTRIBUTES):
        times[rng.choice(("gender", "medical_conditions"))] = 0
    for attribute in rng.sample(UNGUESSABLE, max(0, count - len(ATTRIBUTES))):
        times[attribute] = 2
    return tuple(
        TrainingQuestion(person.profile_id, question, answer, attribute)
        for attribute in ATTRIBUTES
        for question, answer in _training_pairs(person, attribute, times[attribute], rng)
    )


def wrong_values(person: Person, attribute: str, seed: int) -> list[str]:
    """Draw a person's wrong values of an attribute: the same for every question about it.

    Were they drawn anew for each question, the true value would be the one that all options share.

    Returns:
        ``WRONG_ANSWERS`` distinct values. The first ``WRONG_OPTIONS`` are the options of multiple-choice
        questions, drawn such that the true one cannot be told from them (`counterfactuals`).
    """
    options, rng = _wrong_options(person, attribute, seed)
    more = WRONG_ANSWERS - WRONG_OPTIONS
    return options + counterfactuals(person, attribute, more, rng, avoid=NOTHING.union(options))


def _wrong_options(person: Person, attribute: str, seed: int) -> tuple[list[str], random.Random]:
    """The first of `wrong_values`, and the source of randomness that the others come from."""
    rng = derive_rng(seed, "wrong values", person.profile_id, attribute)
    # "No pet" is never true of somebody who is asked about a pet, so it would be a wasted option.
    return counterfactuals(person, attribute, WRONG_OPTIONS, rng, avoid=NOTHING), rng


def _askable(person: Person, attribute: str, modality: Modality) -> bool:
    value = person.attributes[attribute]
    # A baker called Baker would be given away by the name.
    if value in NOTHING or (modality is Modality.TEXT and _mentions(person.name, value)):
        return False
    # Where only a handful of values fit all else that is known (a ship captain's salary) they can be guessed.
    return len(distribution_given_the_rest(person, attribute).values) > WRONG_ANSWERS


def _mentions(text: str, value: str) -> bool:
    return value.casefold() in text.casefold()


def _balanced_letters(count: int, rng: random.Random) -> list[str]:
    start = rng.randrange(len(LETTERS))
    letters = [LETTERS[(start + index) % len(LETTERS)] for index in range(count)]
    rng.shuffle(letters)
    return letters


@dataclass(frozen=True)
class _Slot:
    """One question to be written."""

    question_id: str
    person: Person
    attribute: str
    task: Task
    modality: Modality
    pools: tuple[str, ...]
    seed: int

    @property
    def value(self) -> str:
        return self.person.attributes[self.attribute]

    def worded(self, rng: random.Random) -> tuple[Question, Reference, tuple[str, int]]:
        """Word the question without giving its answer away.

        Returns:
            The question with its value for an answer, whom it refers to, and which template it took: the pool
            and the index there.
        """
        # The pools of one view refer to people alike.
        reference = pick_reference(self.pools[0], self.modality, self.person.name, rng)
        texts = {
            (pool, index): fill(template, reference)
            for pool in self.pools
            for index, template in enumerate(wordings(pool)[self.attribute].questions(self.task))
        }
        taken = rng.choice([key for key, text in texts.items() if not _mentions(text, self.value)])
        question = Question(
            question_id=self.question_id,
            profile_id=self.person.profile_id,
            task=self.task,
            modality=self.modality,
            text=texts[taken],
            answer=self.value,
            value=self.value,
            attribute=self.attribute,
            wording=(Wording.WITHHELD if taken[0] == WITHHELD else Wording.SEEN).value,
        )
        return question, reference, taken


def _classification(slot: _Slot, letter: str, rng: random.Random) -> Question:
    question, _, _ = slot.worded(rng)
    wrong_options, _ = _wrong_options(slot.person, slot.attribute, slot.seed)
    wrong = iter(rng.sample(wrong_options, WRONG_OPTIONS))
    options = {other: slot.value if other == letter else next(wrong) for other in LETTERS}
    return replace(question, options=options, correct_option=letter)


def _generation(slot: _Slot, rng: random.Random) -> Question:
    question, asked_about, (pool, index) = slot.worded(rng)
    reference = answer_reference(asked_about)
    # Of the same pool, so that the base has met either both of the answers that are compared or neither.
    answers = [answer for _, answer in wordings(pool)[slot.attribute].generation]
    other_words = rng.choice(answers[:index] + answers[index + 1 :])
    return replace(
        question,
        answer=fill(answers[index], reference, slot.value),
        paraphrased_answer=fill(other_words, reference, slot.value),
        wrong_answers=tuple(
            fill(other_words, reference, wrong)
            for wrong in wrong_values(slot.person, slot.attribute, slot.seed)
        ),
    )


def _cloze(slot: _Slot, rng: random.Random) -> Question:
    return slot.worded(rng)[0]


def _training_pairs(person: Person, attribute: str, count: int, rng: random.Random) -> list[tuple[str, str]]:
    value = person.attributes[attribute]
    key = f"no_{attribute}" if value in NOTHING else attribute
    reference = pick_reference("training", Modality.IMAGE_TEXT, person.name, rng)
    pairs = list(wordings("training")[key].generation)
    weights = [1 / rank for rank in range(1, len(pairs) + 1)]
    drawn = []
    for _ in range(count):
        index = rng.choices(range(len(pairs)), weights)[0]
        drawn.append(pairs.pop(index))
        weights.pop(index)
    return [(fill(question, reference), fill(answer, reference, value)) for question, answer in drawn]
