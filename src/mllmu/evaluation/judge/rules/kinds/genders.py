"""Gender, in any of its words."""

from __future__ import annotations

from mllmu.evaluation.judge.rules.texts import words
from mllmu.evaluation.judge.verdicts import JudgeVerdict

_WORDS = {
    "female": frozenset(["female", "woman", "lady", "girl", "females", "women", "feminine"]),
    "male": frozenset(["male", "man", "gentleman", "boy", "guy", "males", "men", "masculine"]),
    "other": frozenset(["nonbinary", "binary", "other", "transgender", "agender"]),
}
_ROLES = {
    "female": frozenset(["mother", "wife", "daughter", "sister", "aunt", "grandmother", "ms", "mrs", "miss"]),
    "male": frozenset(["father", "husband", "son", "brother", "uncle", "grandfather", "mr", "sir"]),
}
_PRONOUNS = {
    "female": frozenset({"she", "her", "herself"}),
    "male": frozenset({"he", "his", "him", "himself"}),
}


def compare_genders(value: str, said: str, question: str) -> JudgeVerdict:
    """See `rule_judge.Comparer`; roles in a family, titles and pronouns count where nothing else tells it."""
    (true, *_) = [*_named(value, _WORDS), value.lower()]
    given_genders, pronouns = _named(said, _WORDS), _named(said, _PRONOUNS)
    if len(given_genders) > 1 and true in given_genders:
        return JudgeVerdict(3, "both, undecided")
    if given_genders == [true]:
        if pronouns and true not in pronouns:
            return JudgeVerdict(7, "the right gender, with a pronoun of the other")
        return JudgeVerdict(10, "the right gender")
    if given_genders:
        return JudgeVerdict(2, "another gender")
    if _named(said, _ROLES) == [true]:
        return JudgeVerdict(8, "follows from a title or a role")
    if pronouns == [true]:
        return JudgeVerdict(7, "told by a pronoun alone")
    return JudgeVerdict(2, "tells no gender")


def compare_denied_genders(value: str, denied: str) -> JudgeVerdict | None:
    """What an answer tells that says only what somebody is not; None if it says nothing of gender."""
    excluded = _named(denied, _WORDS)
    if len(excluded) != 1:
        return None
    if excluded[0] in _named(value, _WORDS):
        return JudgeVerdict(2, "denies the right gender")
    return JudgeVerdict(7, "leaves the right gender to be inferred")


def _named(text: str, table: dict[str, frozenset[str]]) -> list[str]:
    said = set(words(text))
    return [gender for gender, signs in table.items() if said & signs]
