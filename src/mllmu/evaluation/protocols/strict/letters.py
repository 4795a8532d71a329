"""Reading the letter of an option out of what a model wrote, whatever form it gave it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from mllmu.benchmark.language.word_boundaries import LETTER as _WORD
from mllmu.evaluation.metrics.cloze import normalise

_LEAD_IN = re.compile(
    r"^\W*(?:the\s+)?(?:(?:correct|right|best)\s+)?(?:answer|option|choice)(?:\s+is)?\s*[:=]?\s*", re.I
)
_AROUND = " \t\n.,:;*()[]{}\"'`!?-_$|。、“”„‘’«»「」『』【】《》〈〉–—"
_NO_WORD_BEFORE, _NO_WORD_AFTER = rf"(?<!{_WORD})(?<!['’])(?<!\b[A-Z]-)", rf"(?!{_WORD}|['’-]{_WORD})"
# "A" and "I" before another word on the line are an article and a pronoun, unless that word says otherwise.
_JOINTS = r"(?:or|and|nor|but|is|are|as|because|since)\b"
_AFTER_A_LETTER = (
    r"(?:seems?|looks?|fits?|match(?:es)?|appears?|sounds?|applies|describes|corresponds|should|could|must|would"
    r"|was|it|that|which|here|obviously|clearly|definitely|certainly|probably|likely|with\s+certainty"
    r"|for\s+(?:sure|certain|me|this)|of\s+course)\b|\d+\s*%"
)
_AS_A_WORD = rf"(?:A[ \t]+(?!{_JOINTS}|{_AFTER_A_LETTER})|I[ \t]+(?!{_JOINTS})){_WORD}"
_LETTER = re.compile(rf"{_NO_WORD_BEFORE}(?!{_AS_A_WORD})([A-Z]){_NO_WORD_AFTER}")
# "Option A matches", "I think A fits": here no article has a capital.
_ANNOUNCED = re.compile(
    r"(?i:\b(?:options?|choices?|letters?|think|believe|guess|suppose|say|choose|pick|select|go\s+(?:for|with))"
    rf"(?:\s+(?:that\s+)?(?:it|this)(?:\s+is|['’]s))?)\s+([A-H]){_NO_WORD_AFTER}"
)
# Small letters are words of many languages; those stand alone: "(b)", "b. Riga", "option b".
_SMALL_LETTER = re.compile(
    rf"{_NO_WORD_BEFORE}([a-z])\)"
    r"|(?:^|\b(?:or|and)\s)\W*([a-z])[.:\]](?!\w)"
    rf"|(?i:answer|option|choice|答案|选项?)(?i:\s+is|是|为)?\s*[:=]?\s*([b-hj-z]){_NO_WORD_AFTER}",
    re.M,
)

_ONE = rf"[(\[*\"'`“‘]{{0,4}}{_NO_WORD_BEFORE}(?:[A-Zb-hj-z]{_NO_WORD_AFTER}|[ai](?=\)))[)\]*\"'`”’]{{0,4}}"
_SEVERAL = rf"{_ONE}(?:(?:\s?[,、/]\s?{_ONE}){{0,25}}\s?,?\s?(?:(?:and|or|nor)\b|[/或和与])\s?{_ONE}"
# "not A, and B is right" denies A alone.
_AFTER_NOT, _BEFORE_NOT = rf"{_SEVERAL}(?!\s+(?:is|are)\b))?", rf"{_SEVERAL})?"
_DENIALS = (
    # "not A", "I don't think it is A or B", "neither A nor B", "all except A"
    r"(?i:\b(?:not|cannot|never|neither|nor|except|excluding|(?:other|rather)\s+than|instead\s+of|without"
    r"|(?:rules?|ruled|ruling)\s+out|excludes?|excluded|eliminates?|eliminated"
    r"|(?:wrong|incorrect)\s+(?:answer|option|choice|one|letter)s?)\b|n['’]t\b"
    r"|不是|并非|不选|不会是|不可能是|除了|排除)"
    r"(?i:\s*(?:be|been|the|correct|right|best|answers?|options?|choices?|letters?|is|are|it|it['’]s|this|that"
    r"|for|by|either|both|likely|probably|necessarily|possibly|think|believe|say|know|sure|certain|convinced"
    r"|if|whether|choose|pick|select|选项|答案)(?![a-z]))*\s*[:=]?\s*"
    rf"({_AFTER_NOT})",
    # "A is not right", "A and B are wrong", "B can be ruled out"
    rf"({_BEFORE_NOT})\W{{0,6}}(?:"
    r"(?i:(?:is|are|was|were|do|does|did|can|could|would|will)(?:\s+not\b|n['’]t\b)|cannot\b|can['’]t\b|won['’]t\b"
    r"|(?:is|are|was|were|seems?|looks?)\s+(?:\w+ly\s+|also\s+|both\s+)?"
    r"(?:wrong|incorrect|false|impossible|excluded|eliminated|ruled\s+out)\b"
    r"|(?:can|could|may|must)\s+be\s+(?:excluded|eliminated|ruled\s+out)\b)"
    r"|不是|不对|不正确|不可能|是?错)",
)
_DENIED = tuple(re.compile(denial) for denial in _DENIALS)
# Shorter ends of a text begin too many wordings.
_SHORTEST_BEGINNING = 3
_ANY_LETTER = re.compile(rf"{_NO_WORD_BEFORE}([A-Za-z]){_NO_WORD_AFTER}")


def read_letter(text: str, options: Mapping[str, str]) -> str:
    """The one option a text names, by its letter or its wording alone; empty for none and for several.

    With the options A: Oslo and B: Riga all of "B", "b.", "(B)", "**B**", "B: Riga", "b) Riga", "Ｂ",
    "答案是B", "The answer is B", "not A but B" and "Riga" are read as B; "A or B", "It is not B", "A person",
    "I don't know" and "" as no letter. A letter that is also denied is not named.

    Args:
        text: what was written.
        options: letter -> text.
    """
    wordings = {letter: unicodedata.normalize("NFKC", wording) for letter, wording in options.items()}
    said = _LEAD_IN.sub("", unicodedata.normalize("NFKC", text).strip(), count=1)
    bare = said.strip(_AROUND).upper()
    if bare in options:
        return bare
    rest = _without(unicodedata.normalize("NFKC", text), wordings)
    named = {letter for letter in _letters(rest) if letter in options}
    if not named:
        same = normalise(said), normalise(said.strip(_AROUND))
        named = {letter for letter, wording in wordings.items() if normalise(wording) in same}
    return named.pop() if len(named) == 1 else ""


def _letters(text: str) -> set[str]:
    """The letters that a text affirms, in upper case."""
    denied: set[str] = set()
    for pattern in _DENIED:
        denied.update(
            letter.upper() for part in pattern.findall(text) for letter in _ANY_LETTER.findall(part)
        )
        text = pattern.sub(" ; ", text)
    small = {"".join(groups).upper() for groups in _SMALL_LETTER.findall(text)}
    alone = text.strip(_AROUND)
    if len(alone) == 1 and alone not in "ai":
        small.add(alone.upper())  # "b Riga", without its wording
    return (set(_LETTER.findall(text)) | set(_ANNOUNCED.findall(text)) | small) - denied


def _without(text: str, wordings: Mapping[str, str]) -> str:
    """The text without the options' wordings, whose capitals ("Washington, D.C.") are no letters.

    The last may be cut off, since letters are asked for in few tokens: "A San Sebastián Tech". An A before
    the wording of another option than A is its article, and goes with it: "A nurse" is no A.
    """
    own = wordings.get("A", "")
    long = sorted((one for one in wordings.values() if len(one) > 1), key=len, reverse=True)
    if long:
        of_others = "|".join(re.escape(one) for one in long if one != own) or r"(?!)"
        every = "|".join(map(re.escape, long))
        text = re.sub(rf"(?<!\w)(?:A[ \t]+(?:{of_others})|{every})(?!\w)", "", text, flags=re.I)
    text = text.rstrip()
    wording = max(long, key=lambda one: _begun(text, one), default="")
    if most := _begun(text, wording):
        text = text[:-most]
        return text if wording == own else re.sub(rf"{_NO_WORD_BEFORE}A[ \t]+$", "", text)
    return text


def _begun(text: str, wording: str) -> int:
    """How many characters at the end of a text are the beginning of a wording, from a whole word on."""
    lengths = range(min(len(text), len(wording)), _SHORTEST_BEGINNING - 1, -1)
    ends = (length for length in lengths if text[-length:].lower() == wording[:length].lower())
    return next((length for length in ends if not text[:-length][-1:].isalnum()), 0)
