"""Replace "this person" in a question by a name, so that it can be asked without the image."""

from __future__ import annotations

import re

_PICTURE = r"(?:image|picture|photo|photograph|portrait|profile|biography)"
_IN_PICTURE = (
    r"(?:\s+(?:as\s+)?(?:seen|shown|depicted|pictured|described|featured))?"
    rf"\s+(?:in|on|from)\s+(?:the|this)\s+{_PICTURE}"
)
# "The man" alone may be somebody else ("the man who raised her"), unlike "this man", "the man in the image".
_PERSON = re.compile(
    r"\b(?:"
    r"(?:this|the)\s+(?:person|individual)"
    r"|this\s+(?:man|woman|lady|gentleman|subject)"
    rf"|the\s+(?:man|woman|lady|gentleman|subject)(?={_IN_PICTURE}|\s+(?:shown|depicted|pictured)\b)"
    r")"
    rf"(?:{_IN_PICTURE}|\s+(?:shown|depicted|pictured)(?:\s+here)?\b)?",
    re.IGNORECASE,
)
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
