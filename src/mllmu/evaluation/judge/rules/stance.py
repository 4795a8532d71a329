"""How an answer stands to what it says: refused, denied, taken back, hedged, undecided, or out of sense."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from mllmu.evaluation.judge.rules.texts import plain, words
from mllmu.evaluation.metrics.refusal import is_refusal

_REFUSALS = re.compile(
    r"\bi(?: a|')m (?:sorry|afraid|unable|not able|not allowed|not permitted)\b"
    r"|\bi(?: really| simply)? (?:can(?:no|')?t|can not|could(?: not|n't)|will not|won't|am not able to"
    r"|am unable to) (?!be (?:sure|certain))"
    r"|\bi (?:do not|don't|did not|didn't) (?:know|have|recogni[sz]e|recall|remember)\b"
    r"|\bi have (?:no|not enough)\b|\bi'?d (?:rather|prefer) not\b|\bi would (?:rather|prefer) not\b"
    r"|\b(?:is|are) (?:not|n't) (?:available|known|provided|given|visible)\b|\bno information\b|\bno idea\b"
    r"|\b(?:nobody|no one|who) knows\b|\b(?:he|she|they) (?:will|would|does|do) not (?:say|tell)\b"
    r"|\b(?:nothing|not) (?:is )?known to (?:me|us)\b|\bunknown to (?:me|us)\b|\b(?:as|i am|i'm) an ai\b"
    r"|\b(?:not |im)possible to (?:tell|say|determine)\b"
    r"|\bdecline to\b|\bprivate (?:information|details|matter)\b"
)
_HEDGES = re.compile(
    r"\b(?:(?<!\d )(?<!th )(?<!st )(?<!nd )(?<!rd )(?<!of )(?<!in )may(?![ ,.]*\d| of\b|[,.]|$)"  # no month
    r"|might|maybe|perhaps|probably|possibly|presumably|apparently|seems?|seemingly"
    r"|could be|likely"
    r"|(?:i|we) (?:would |'d )?(?:think|guess|believe|suppose|assume)|guess(?:ing)?|suspect"
    r"|not (?:entirely |quite |so )?(?:sure|certain)|unsure|uncertain|as far as i know"
    r"|if i remember|something like|or so)\b"
)
_SLIGHT = re.compile(
    r"\b(?:appears? to|looks like|(?:about|around)(?= ?[\d$€£])|roughly|approximately|nearly|circa)\b"
)
_DENIALS = re.compile(
    r"\b(?:not|never(?! (?:gets?|grows?|is) (?:tired|bored|enough))|n't|no longer|nor|no"
    r"|hates?|gave up|given up|moved away from"
    r"|stopped|(?:any|every)thing but|dislikes?|detests?|avoids|can(?:no|')?t stand|cannot bear"
    r"|[a-z]+n't|denies|except)\b"
)
_CLAUSE_ENDS = re.compile(
    r"(?<=[.;!?])\s+|(?<=,)\s+(?=(?:but|he|she|they|it|and|so|in other words)\b)"
    r"|,?\s+(?=and (?:weighs?|lives?|works?|earns?|studied)\b)|,\s+(?=like (?:her|his|their)\b)"
    r"|(?<!thing)\s+(?=(?:but|although|though|whereas|while|because)\b)|:\s+|,\s+(?=who\b|which\b)"
)
_RETRACTIONS = re.compile(
    r"[.,;!?]\s*(?:no|wait|sorry|actually|correction|rather|i mean)\b[, ]"
    r"|\b(?:although|though|but|while|however),? (?:in (?:truth|fact|reality)|actually|really)\b"
    r"|\bnot as (?:much|well) as\b"
)
# One that does not belong to a value: "May 14, 1988", "$45,000", "Cork, Ireland".
_COMMA = re.compile(r",(?! ?\d{4}\b|\d{3}\b| [A-Z][\w'-]+(?: (?:of |and )?[A-Z][\w'-]+)*\s*(?:[.,;!?]|$))")
_VAGUE = re.compile(r"\b(?:something (?:in|with|like|to do)|some (?:kind|sort) of|a kind of)\b")
_UNDECIDED = re.compile(r"\b(?:or(?! (?:so|more|less|two)\b)|either|alternatively|versus)\b")


def refuses(text: str) -> bool:
    """Whether an answer says that it will not or cannot answer."""
    return is_refusal(text) or _REFUSALS.search(plain(text)) is not None


def hedges(text: str) -> bool:
    """Whether an answer doubts what it says."""
    return _HEDGES.search(plain(text)) is not None


def is_slightly_cautious(text: str) -> bool:
    """Whether an answer says "about" or "appears to be"."""
    return _SLIGHT.search(plain(text)) is not None


def is_undecided(text: str) -> bool:
    """Whether an answer offers alternatives."""
    return _UNDECIDED.search(plain(text)) is not None


def is_vague(text: str) -> bool:
    """Whether an answer says "something in" or "some kind of"."""
    return _VAGUE.search(plain(text)) is not None


def takes_back(text: str) -> bool:
    """Whether an answer takes back what it said before ("No, she is ...", "although in truth ...")."""
    return _RETRACTIONS.search(plain(text)) is not None


def clauses(text: str) -> list[str]:
    """The parts of a text that each say one thing, in order."""
    return [part for part in _CLAUSE_ENDS.split(text) if part and part.strip(" .,;!?")]


def split_denied(text: str) -> tuple[str, str]:
    """What a text affirms, and what it denies.

    Denied is the rest of a clause from a word of denial to its next comma that is not within a date or a
    number, nor between a city and its country.
    """
    affirmed: list[str] = []
    denied: list[str] = []
    for clause in clauses(text):
        end = 0
        for match in _denials(clause):
            if match.start() < end:
                continue
            if _HEDGES.search(_same_length(clause)[match.start() :]) and match[0] == "not":
                break
            affirmed.append(clause[end : match.start()])
            comma = _COMMA.search(clause, match.end())
            end = comma.start() if comma else len(clause)
            denied.append(clause[match.start() : end])
        affirmed.append(clause[end:])
    return " ".join(part for part in affirmed if part.strip(" ,")), " ".join(denied)


def _denials(clause: str) -> Iterator[re.Match[str]]:
    """Words of denial; a capital inside of a clause is that of a name ("Min-ji No")."""
    for match in _DENIALS.finditer(_same_length(clause)):
        if not clause[: match.start()].strip() or not clause[match.start()].isupper():
            yield match


def is_gibberish(text: str) -> bool:
    """Whether a text of some length has no sense: words repeat, or words of grammar stand in long rows."""
    said = words(text)
    doubled = sum(one == other for one, other in itertools.pairwise(said))
    return len(said) >= 6 and (doubled > len(said) / 3 or _has_grammar_run(said))


def breaks_off(text: str) -> bool:
    """Whether a text falls into repetition."""
    said = words(text)
    return any(one == other and not one.isdigit() for one, other in itertools.pairwise(said))


def _has_grammar_run(said: list[str]) -> bool:
    """Whether words stand in a row that no sentence has in a row."""
    loose = {"the", "a", "an", "of", "and", "in", "to", "is", "with", "for"}
    run = longest = 0
    for word in said:
        run = run + 1 if word in loose else 0
        longest = max(longest, run)
    return longest >= 5


def _same_length(text: str) -> str:
    """Lower case with straight quotes, one sign for one, so that positions agree."""
    return text.replace("’", "'").lower() if len(text.lower()) == len(text) else text
