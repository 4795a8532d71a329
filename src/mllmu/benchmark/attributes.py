"""Recognise which attribute (birthplace, salary, ...) a question asks for from its wording."""

from __future__ import annotations

import re

from mllmu.benchmark.types import Question, TrainingQuestion

_WORK = r"(?:occupation|job|profession|living|work\w*|career|employ\w*|role)"
# The first that fits counts: "the name of this person's pet" is about the pet, and "medical conditions this
# person lives with" about health.
_SIGNS = {
    "father_name": (r"father(?=.*\b(?:name|called)\b)", r"(?:name|called)\b.*\bfather"),
    "mother_name": (r"mother(?=.*\b(?:name|called)\b)", r"(?:name|called)\b.*\bmother"),
    "father_job": (rf"father(?=.*\b(?:{_WORK}|do)\b)", rf"(?:{_WORK}|do)\b.*\bfather"),
    "mother_job": (rf"mother(?=.*\b(?:{_WORK}|do)\b)", rf"(?:{_WORK}|do)\b.*\bmother"),
    "pet": ("pets?", "cat", "dog", "animals?", "takes? care of", "shares? a home"),
    "medical_conditions": ("medical", "illness", "health", r"diagnos\w*", "conditions?", "suffers?"),
    "favorite_food": (r"favou?rite (?:dish|cuisine|meal)", "food", "dish", "meal", "dinner", "eat"),
    "annual_salary": ("salary", "earns?", "income", "paid", "the pay", "money"),
    "height": ("height", "tall", "stature", "how high", "measures", "stands"),
    "gender": ("gender", "male or female"),
    "date_of_birth": (
        "date of birth",
        "birth ?dates?",
        "birthday",
        r"(?:when|day|date)\b.*\b(?:born|birth|world|life)",
        "(?:born|world) on __",
    ),
    "birthplace": (
        "born",
        "birthplace",
        "place of birth",
        "home ?town",
        "native town",
        "comes? from",
        r"origin\w*",
        "into the world",
        "life begin",
    ),
    "education": (
        r"educat\w*",
        "schools?",
        r"universit\w*",
        "study",
        "studied",
        "institution",
        r"graduate\w*",
        "alma mater",
        "diploma",
        "degree",
    ),
    "residence": (r"resid\w*", "lives?", "living (?:now|at)", "home", "settled", "be found"),
    "hobby": (
        r"hobb\w*",
        r"enjoy\w*",
        "free time",
        "weekends?",
        "leisure",
        "pastime",
        "for (?:fun|pleasure)",
        "relax",
        r"activit\w*",
    ),
    "profession": (_WORK,),
    "name": ("names?", "named", "called", "who is", "who .* is", "identify"),
}
_PATTERNS = {
    attribute: re.compile(rf"\b(?:{'|'.join(signs)})\b", re.IGNORECASE) for attribute, signs in _SIGNS.items()
}


def asked_attribute(question: Question | TrainingQuestion) -> str:
    """Give the attribute a question asks for: the one it is labelled with, else the one its wording shows.

    Returns:
        A name as generated people's attributes have; ``father_name`` and ``mother_name`` besides. Empty where
        the wording shows none of them.
    """
    if question.attribute:
        return question.attribute
    text = question.text if isinstance(question, Question) else question.question
    return next((attribute for attribute, pattern in _PATTERNS.items() if pattern.search(text)), "")
