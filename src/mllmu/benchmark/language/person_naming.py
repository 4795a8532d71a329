"""Replace "this person" in a question by a name, so that it can be asked without the image."""

from __future__ import annotations

import re

from mllmu.benchmark.language.word_boundaries import LETTER, standing_alone

# Bounded, for of a long run of blanks every part would be tried with every other.
_BLANKS = r"\s{1,9}"
_PICTURE = r"(?:image|picture|photo|photograph|portrait|profile|biography)"
_IN_PICTURE = (
    rf"(?:{_BLANKS}(?:as{_BLANKS})?(?:seen|shown|depicted|pictured|described|featured))?"
    rf"{_BLANKS}(?:in|on|from){_BLANKS}(?:the|this){_BLANKS}{_PICTURE}"
)
# "The man" alone may be somebody else ("the man who raised her"), unlike "this man", "the man in the image".
_PERSON = re.compile(
    r"\b(?:"
    rf"(?:this|the){_BLANKS}(?:person|individual)(?!-?\w)"
    rf"|this{_BLANKS}(?:man|woman|lady|gentleman|subject)(?!-?\w)"
    rf"|the{_BLANKS}(?:man|woman|lady|gentleman|subject)(?={_IN_PICTURE}|{_BLANKS}(?:shown|depicted|pictured)\b)"
    r")"
    rf"(?:{_IN_PICTURE}|{_BLANKS}(?:shown|depicted|pictured)(?:{_BLANKS}here)?\b)?",
    re.IGNORECASE,
)
# A question begins so whether or not somebody is called Will, May or Can.
_AUXILIARY = re.compile(
    r"^\W*(?:Will|May|Can|Do)\s+"
    r"(?=(?:an?|the|this|that|these|those|his|her|their|its|he|she|they|it|any\w*|some\w*)\b)"
)
_LETTER = re.compile(LETTER)
# What is left of "What is this person's profession in the image?" once the person has a name.
_LEFT_OVER = re.compile(rf",{_IN_PICTURE},|,?{_IN_PICTURE}(?=\s*(?:[?.!,;]|$))", re.IGNORECASE)


def name_person(sentence: str, name: str) -> str:
    """Replace every mention of the person shown by the name, and drop phrases such as "in the image".

    Possessives keep their ``'s``. A sentence that mentions nobody is returned as it is.

    Args:
        sentence: a question or an answer about "this person", "the individual in the image", ...
        name: what to call the person, used exactly as given.

    Example:
        >>> name_person("Where does the person in the image live?", "Ada Berg")
        'Where does Ada Berg live?'
    """
    named, mentions = _PERSON.subn(lambda _: name, sentence)
    if not mentions:
        return sentence
    return _LEFT_OVER.sub("", named)


def mentions_person(sentence: str, name: str) -> bool:
    """Whether a sentence says whom it is about: "this person", the name, or a part of the name.

    Example:
        >>> mentions_person("What is Ada's job?", "Ada Berg"), mentions_person("What is the job?", "Ada Berg")
        (True, False)
    """
    return _PERSON.search(sentence) is not None or names_person(sentence, name)


def names_person(sentence: str, name: str) -> bool:
    """Whether a sentence has a name, or a part of it, in it.

    Example:
        >>> names_person("What does An do?", "An Li"), names_person("Who is an engineer?", "An Li")
        (True, False)
    """
    if not name.strip():
        return False
    sentence = _AUXILIARY.sub("", sentence)
    # A name of one word is cased like its parts below, because "art" is no mention of Art.
    flags = re.IGNORECASE if re.search(r"\w\W+\w", name) else 0
    if any(standing_alone(re.compile(re.escape(name), flags), sentence, _LETTER)):
        return True
    # Cased, because "an" is no mention of An Li.
    words = set(re.findall(r"\w+", sentence))
    return any(part in words for part in re.findall(r"\w\w+", name))


def name_in_question(question: str, name: str) -> str:
    """Word a question as `name_person` does; where it mentions nobody, the name is put before it.

    Example:
        >>> name_in_question("What is the father's occupation?", "Ada Berg")
        "About Ada Berg: What is the father's occupation?"
    """
    if mentions_person(question, name):
        return name_person(question, name)
    return f"About {name}: {question}"
