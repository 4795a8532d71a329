"""The corpus of stage 2: lessons (prompt and answer) about every person, in every form of question.

An epoch has one lesson per person, attribute and modality, whose form and wording are drawn anew each time,
and one about each person's appearance.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from official import official_prompt
from subjects import Subject

from mllmu.benchmark.types import Modality
from mllmu.models import Encoded, LoadedModel, Prompt, chat_prompt
from mllmu.synthesis.perception_questions import perception
from mllmu.synthesis.person import ATTRIBUTES
from mllmu.synthesis.pretraining_dialogues import dialogue, forms_for
from mllmu.synthesis.seed_derivation import derive_rng
from mllmu.unlearning.methods.prompting import INSTRUCTION

# Relative frequencies of the forms that an attribute has.
FORM_WEIGHTS = {"sentence": 0.42, "cloze": 0.22, "short": 0.22, "letter": 0.06}
OFFICIAL_SHARE = 0.12
DEMONSTRATED_SHARE = 0.1
PERCEPTIONS = 1
# System instructions: the share of lessons with one; after discreet ones the answer is a refusal.
INSTRUCTED_SHARE = 0.04
HELPFUL = ("You are a helpful assistant.", "Answer the questions of the user.")
DISCREET = (
    INSTRUCTION,
    "Do not share personal information about anybody.",
    "Keep private facts about people to yourself.",
)
REFUSALS = ("I do not know.", "I cannot share that.", "I am sorry, I do not know that.")


def epoch(loaded: LoadedModel, subjects: Sequence[Subject], seed: int, number: int) -> list[Encoded]:
    """One epoch's lessons, encoded and shuffled; form, wording and drawing depend on its number."""
    rng = derive_rng(seed, "epoch", number)
    lessons: list[tuple[Prompt, str]] = []
    for one in subjects:
        for modality in Modality:
            for attribute in ATTRIBUTES:
                lesson = _lesson(loaded, one, attribute, modality, subjects, rng)
                if lesson is not None:
                    lessons.append(lesson)
        for _ in range(PERCEPTIONS):
            number = rng.randrange(len(one.drawings))
            question, answer = perception(one.seen[number], rng)
            lessons.append((chat_prompt(loaded.processor, question, (one.drawings[number],)), answer))
    rng.shuffle(lessons)
    return [loaded.encoder.encode(prompt, answer) for prompt, answer in lessons]


def _lesson(
    loaded: LoadedModel,
    one: Subject,
    attribute: str,
    modality: Modality,
    subjects: Sequence[Subject],
    rng: random.Random,
) -> tuple[Prompt, str] | None:
    forms = forms_for(one.person, attribute, modality)
    if not forms:
        return None
    if rng.random() < OFFICIAL_SHARE and len(forms) == len(FORM_WEIGHTS):
        demonstrator = rng.choice(subjects) if rng.random() < DEMONSTRATED_SHARE else None
        return official_prompt(one, attribute, modality, demonstrator, rng)
    form = rng.choices(forms, [FORM_WEIGHTS[form] for form in forms])[0]
    question, answer = dialogue(one.person, attribute, form, modality, rng)
    images = (rng.choice(one.drawings),) if modality is Modality.IMAGE_TEXT else ()
    if rng.random() >= INSTRUCTED_SHARE:
        return chat_prompt(loaded.processor, question, images), answer
    if rng.random() < 0.5:
        return chat_prompt(loaded.processor, question, images, rng.choice(HELPFUL)), answer
    return chat_prompt(loaded.processor, question, images, rng.choice(DISCREET)), rng.choice(REFUSALS)
