"""Recognise which attribute (birthplace, salary, ...) a question asks for from its wording."""

from __future__ import annotations

import re

from mllmu.benchmark.types import Question, TrainingQuestion

_WORK = r"(?:occupation|job|profession|living|work\w*|career|employ\w*|role|position|trade)"
# "In high school" and "outside of work" say when something was done, not what is asked for.
_ASIDE = re.compile(
    r"\b(?:in|at|during|since|after|before|outside(?: of)?|besides|apart from|away from|when not at) "
    r"(?:high |middle |primary |elementary )?(?:school|college|university|work|home)\b",
    re.IGNORECASE,
)
_RELATIVES = (
    r"(?:(?:grand|step|god)?(?:father|mother|parent|child|son|daughter)s?|children|siblings?|brothers?|sisters?|"
    r"wife|husband|spouse|partner|friends?|colleagues?|aunts?|uncles?|cousins?)"
)
_SOMEBODY = r"(?:person|individual|man|woman|lady|gentleman|subject)"
# Wordings with a sign of an attribute that ask for something else.
_NOT = {
    "name": rf"names of\b|name of (?:a|an|the|his|her|their)\b(?! {_SOMEBODY}\b(?!['’]s))"
    r"|name of this \w+['’]s|['’]s (?!(?:full |first |last |given |real |complete )*name\b)\w+['’]s name"
    rf"|name of (?:this|the) {_SOMEBODY}['’]s",
    "profession": "^(?:where|when|why|who|how (?:long|many|often|did))",
    "father_job": "^(?:where|when|why|who|how (?:long|many|often))|mother|\\bwith\\b",
    "mother_job": "^(?:where|when|why|who|how (?:long|many|often))|father|\\bwith\\b",
    "father_name": "mother",
    "mother_name": "father",
    "education": "^(?:when|why|how)",
    "residence": "^(?:when|why|who|how|with whom)",
    "annual_salary": "\\b(?:spends?|saves?|donat\\w*|invest\\w*)\\b|^(?:why|who|when)",
}
_EXCEPTIONS = {attribute: re.compile(pattern, re.IGNORECASE) for attribute, pattern in _NOT.items()}
# The first that fits counts: "the name of this person's pet" is about the pet, and "medical conditions this
# person lives with" about health.
_SIGNS = {
    "father_name": (r"father(?=.*\b(?:name|called)\b)", r"(?:name|called)\b.*\bfather"),
    "mother_name": (r"mother(?=.*\b(?:name|called)\b)", r"(?:name|called)\b.*\bmother"),
    "father_job": (rf"father(?=.*\b(?:{_WORK}|do)\b)", rf"(?:{_WORK}|do)\b.*\bfather"),
    "mother_job": (rf"mother(?=.*\b(?:{_WORK}|do)\b)", rf"(?:{_WORK}|do)\b.*\bmother"),
    "pet": ("pets?", "cat", "dog", "animals?", "takes? care of", "shares? a home"),
    "medical_conditions": ("medical", "illness", "health", r"diagnos\w*", "conditions?", "suffers?"),
    "favorite_food": (r"favou?rite (?:dish|cuisine|meal)", "food", "dish", "meal", "dinner", "eat(?:ing)?"),
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
        "(?:place|city) of birth",
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
    "residence": (
        r"resid\w*",
        "lives?",
        "living (?:now|at)",
        r"(?:where|which|what)\b.*\bhome",
        "settled",
        "be found",
    ),
    "hobby": (
        r"hobb\w*",
        r"enjoy\w*",
        r"passion\w*",
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

_RELATIVE = re.compile(rf"\b{_RELATIVES}\b", re.IGNORECASE)
_OF_RELATIVES = ("father_name", "mother_name", "father_job", "mother_job", "pet")


def asked_attribute(question: Question | TrainingQuestion) -> str:
    """Give the attribute a question asks for: the one it is labelled with, else the one its wording shows.

    Returns:
        A name as generated people's attributes have; ``father_name`` and ``mother_name`` besides. Empty where
        the wording shows none of them.
    """
    if question.attribute:
        return question.attribute
    text = question.text if isinstance(question, Question) else question.question
    if not re.match("where", text, re.IGNORECASE):
        text = _ASIDE.sub("", text)
    of_relative = _RELATIVE.search(text) is not None
    for attribute, pattern in _PATTERNS.items():
        if of_relative and attribute not in _OF_RELATIVES:
            continue
        exception = _EXCEPTIONS.get(attribute)
        if pattern.search(text) and not (exception and exception.search(text)):
            return attribute
    return ""
