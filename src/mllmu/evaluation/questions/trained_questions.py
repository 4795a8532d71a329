"""The questions of fine-tuning, asked again word for word: the easiest recall there is."""

from __future__ import annotations

from collections.abc import Iterator

from mllmu.benchmark import name_person
from mllmu.benchmark.language.answer_parts import stated_value
from mllmu.benchmark.language.attributes import asked_attribute
from mllmu.benchmark.language.person_naming import name_in_question
from mllmu.benchmark.types import Modality, Profile, Question, Task


def trained_questions(profile: Profile) -> Iterator[Question]:
    """Every training question of a person, with the picture and, where there is a name, by name.

    They are free answers, worded in each modality as fine-tuning words them. Where no value is known that an
    answer states (see ``stated_value``), only measures that compare whole answers apply.
    """
    for index, pair in enumerate(profile.training_questions):
        for modality in Modality:
            if modality is Modality.IMAGE_TEXT:
                text, answer = pair.question, pair.answer
            elif profile.name:
                text = name_in_question(pair.question, profile.name)
                answer = name_person(pair.answer, profile.name)
            else:
                continue
            # Asked by name, a question for the name says its own answer.
            if modality is Modality.TEXT and asked_attribute(pair) == "name":
                continue
            yield Question(
                question_id=f"{profile.profile_id}/trained/{Task.GENERATION}/{modality}/{index}",
                profile_id=profile.profile_id,
                task=Task.GENERATION,
                modality=modality,
                text=text,
                answer=answer,
                value=stated_value(profile, pair.attribute, text, answer),
                attribute=pair.attribute,
            )
