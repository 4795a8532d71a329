"""Question-answer pairs about people for pre-training the base model, in every form of asking.

Wordings and options are drawn anew at each call. They teach the base model the language of the benchmark;
none of the benchmark's fictitious people is ever passed in, and no withheld wording is ever drawn.
"""

from __future__ import annotations

import random

from mllmu.benchmark.types import Modality, Task
from mllmu.synthesis.alternatives import counterfactuals
from mllmu.synthesis.perception_questions import perception
from mllmu.synthesis.person import ATTRIBUTES, Person
from mllmu.synthesis.question_writer import LETTERS, NOTHING
from mllmu.synthesis.wording import POOLS, answer_reference, fill, pick_reference, wordings

__all__ = ["FORMS", "background_dialogues", "dialogue", "forms_for", "perception"]

FORMS: tuple[str, ...] = ("sentence", "cloze", "short", "letter")
"""A whole sentence, what fills a blank, a few words, and the letter of an option."""

_EVALUATION_POOLS = ("original", "paraphrase")


def forms_for(person: Person, attribute: str, modality: Modality) -> tuple[str, ...]:
    """Give the forms in which an attribute can be asked; empty for a name without a picture."""
    if attribute == "name" and modality is Modality.TEXT:
        return ()
    if person.attributes[attribute] in NOTHING:
        return ("sentence",)
    # Three wrong options do not exist for a gender.
    return FORMS[:-1] if attribute == "gender" else FORMS


def dialogue(
    person: Person, attribute: str, form: str, modality: Modality, rng: random.Random
) -> tuple[str, str]:
    """Ask about one attribute in one form.

    Args:
        person: whom it is about.
        attribute: one of ``person.ATTRIBUTES``.
        form: one of ``forms_for(person, attribute, modality)``.
        modality: whether the person is pictured ("this person") or named.
        rng: decides the pool (all three where they have the form), the wording, the options and their order.

    Returns:
        The prompt and the answer that a model is to give.

    Raises:
        ValueError: the attribute cannot be asked in this form.
    """
    if form not in forms_for(person, attribute, modality):
        raise ValueError(f"{attribute} of {person.profile_id} cannot be asked as {form} in {modality}")
    value = person.attributes[attribute]
    if form == "sentence":
        return _sentence(person, attribute, modality, rng)
    if form == "cloze":
        return _asked(person, attribute, Task.CLOZE, modality, rng) + "\nFill in the blank.", value
    question = _asked(person, attribute, Task.CLASSIFICATION, modality, rng)
    if form == "short":
        return f"{question}\nAnswer in a few words.", value
    options = [value, *counterfactuals(person, attribute, len(LETTERS) - 1, rng, avoid=NOTHING)]
    rng.shuffle(options)
    listed = "\n".join(f"{letter}: {option}" for letter, option in zip(LETTERS, options, strict=True))
    return f"{question}\n{listed}\nAnswer with one letter.", LETTERS[options.index(value)]


def background_dialogues(person: Person, rng: random.Random) -> list[tuple[str, str, Modality]]:
    """Ask about every attribute once in every form and modality, drawn afresh at each call.

    Returns:
        About 110 triples of prompt, answer and modality.
    """
    return [
        (*dialogue(person, attribute, form, modality, rng), modality)
        for modality in Modality
        for attribute in ATTRIBUTES
        for form in forms_for(person, attribute, modality)
    ]


def _sentence(person: Person, attribute: str, modality: Modality, rng: random.Random) -> tuple[str, str]:
    value = person.attributes[attribute]
    pool, key = rng.choice(POOLS), attribute
    if value in NOTHING:
        pool, key = "training", f"no_{attribute}"
    question, answer = rng.choice(wordings(pool)[key].generation)
    reference = pick_reference(pool, modality, person.name, rng)
    return fill(question, reference), fill(answer, answer_reference(reference), value)


def _asked(person: Person, attribute: str, task: Task, modality: Modality, rng: random.Random) -> str:
    # A question about a fact is one whether options follow or not, so generation's and training's serve too.
    pool = rng.choice(_EVALUATION_POOLS if task is Task.CLOZE else POOLS)
    templates = wordings(pool)[attribute].questions(task)
    if task is Task.CLASSIFICATION:
        templates += wordings(pool)[attribute].questions(Task.GENERATION)
    return fill(rng.choice(templates), pick_reference(pool, modality, person.name, rng))
