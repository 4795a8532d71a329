"""Words of an answer in a form in which they can be compared."""

from __future__ import annotations

import re
import unicodedata

from mllmu.benchmark.comparable_text import comparable

# Words that carry no value by themselves: grammar, and the verbs by which answers begin.
FILLERS = frozenset(
    [
        "a",
        "an",
        "the",
        "this",
        "that",
        "these",
        "those",
        "it",
        "its",
        "he",
        "she",
        "they",
        "him",
        "her",
        "his",
        "hers",
        "their",
        "them",
        "i",
        "you",
        "we",
        "my",
        "your",
        "our",
        "one",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "am",
        "has",
        "have",
        "had",
        "do",
        "does",
        "did",
        "will",
        "would",
        "can",
        "could",
        "may",
        "might",
        "must",
        "shall",
        "should",
        "of",
        "in",
        "at",
        "on",
        "to",
        "for",
        "from",
        "by",
        "with",
        "as",
        "into",
        "about",
        "around",
        "over",
        "under",
        "near",
        "and",
        "or",
        "but",
        "not",
        "no",
        "yes",
        "so",
        "too",
        "also",
        "just",
        "if",
        "then",
        "than",
        "there",
        "here",
        "who",
        "whom",
        "whose",
        "which",
        "what",
        "when",
        "where",
        "why",
        "how",
        "very",
        "quite",
        "rather",
        "really",
        "still",
        "again",
        "person",
        "man",
        "woman",
        "individual",
        "someone",
        "somebody",
        "people",
        "name",
        "named",
        "called",
        "known",
        "know",
        "knows",
        "say",
        "says",
        "said",
        "think",
        "guess",
        "believe",
        "work",
        "works",
        "worked",
        "working",
        "earn",
        "earns",
        "earning",
        "make",
        "makes",
        "making",
        "made",
        "do",
        "doing",
        "play",
        "plays",
        "playing",
        "played",
        "practice",
        "practices",
        "practicing",
        "perform",
        "performs",
        "performing",
        "live",
        "lives",
        "living",
        "reside",
        "resides",
        "like",
        "likes",
        "enjoy",
        "enjoys",
        "love",
        "loves",
        "favorite",
        "favourite",
        "best",
        "most",
        "own",
        "owns",
        "keep",
        "keeps",
        "take",
        "takes",
        "get",
        "got",
        "go",
        "goes",
        "went",
        "come",
        "comes",
        "currently",
        "now",
        "present",
        "year",
        "years",
        "annual",
        "annually",
        "yearly",
        "per",
        "living",
        "job",
        "profession",
        "occupation",
        "hobby",
        "pet",
        "pets",
        "food",
        "dish",
        "medical",
        "condition",
        "conditions",
        "suffer",
        "suffers",
        "salary",
        "height",
        "tall",
        "born",
        "birth",
        "birthplace",
        "date",
        "day",
        "residence",
        "home",
        "house",
        "hometown",
        "school",
        "education",
        "educated",
        "studied",
        "study",
        "studies",
        "s",
        "t",
        "d",
        "ll",
        "re",
        "ve",
        "m",
        "mr",
        "mrs",
        "ms",
        "dr",
        "maybe",
        "perhaps",
        "probably",
        "possibly",
        "certainly",
        "definitely",
        "likely",
        "sure",
        "certain",
        "picture",
        "image",
        "shown",
        "photo",
        "roughly",
        "nearly",
        "almost",
        "exactly",
        "approximately",
        "something",
        "somewhere",
        "sometime",
        "some",
        "any",
        "all",
        "both",
        "either",
        "neither",
        "other",
        "another",
        "such",
        "more",
        "less",
        "free",
        "time",
        "weekend",
        "weekends",
        "fun",
        "sort",
        "kind",
        "type",
        "days",
        "these",
        "usual",
        "full",
        "first",
        "last",
        "part",
    ]
)
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_ENDINGS = [
    "ists",
    "ist",
    "ians",
    "ian",
    "ers",
    "er",
    "ors",
    "or",
    "ries",
    "ings",
    "ing",
    "ies",
    "ied",
    "es",
    "ed",
    "ic",
    "al",
    "y",
    "s",
    "a",
    "e",
    "o",
]
_SHORTEST_ROOT = 3


def plain(text: str) -> str:
    """`text` in lower case and without accents: ``plain("Málaga, España") == "malaga, espana"``."""
    taken_apart = unicodedata.normalize("NFD", comparable(text))
    return "".join(sign for sign in taken_apart if not unicodedata.combining(sign))


def words(text: str) -> list[str]:
    """The words and numbers of a text, plain, without possessive endings."""
    return [word.removesuffix("'s").replace("'", "") for word in _WORD.findall(plain(text))]


def content(text: str) -> list[str]:
    """The words that can carry a value."""
    return [word for word in words(text) if word not in FILLERS]


def root(word: str) -> str:
    """A word without its endings, so that "teaches", "teacher" and "teaching" agree; never under 3 letters."""
    shortened = True
    while shortened:
        shortened = False
        for ending in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_ROOT:
                word, shortened = word.removesuffix(ending), True
                break
    return word


def same_word(first: str, second: str) -> bool:
    """Whether two words are forms of one word, or one differs from the other by a slip of one letter."""
    if first == second or root(first) == root(second):
        return True
    return min(len(first), len(second)) >= 6 and distance(first, second) == 1


def distance(first: str, second: str) -> int:
    """How many letters have to be put in, left out or exchanged to turn one word into another."""
    row = list(range(len(second) + 1))
    for number, letter in enumerate(first, start=1):
        before, row = row, [number]
        for place_of_other, other in enumerate(second, start=1):
            changed = before[place_of_other - 1] + (letter != other)
            row.append(min(changed, before[place_of_other] + 1, row[-1] + 1))
    return row[-1]


def shared(wanted: list[str], given: list[str]) -> list[str]:
    """Those of `wanted` that `given` has in some form, or in two words or one ("lock smith")."""
    joined = [one + other for one, other in zip(given, given[1:], strict=False)]
    halves = [one + other for one, other in zip(wanted, wanted[1:], strict=False)]
    present = []
    for number, word in enumerate(wanted):
        pairs = halves[max(0, number - 1) : number + 1]
        if any(same_word(word, other) for other in (*given, *joined)) or any(pair in given for pair in pairs):
            present.append(word)
    return present


def rest(given: list[str], *known_words: list[str]) -> list[str]:
    """Those of `given` that are in none of the other lists in some form."""
    others = [word for one in known_words for word in one]
    joined = [one + other for one, other in zip(given, given[1:], strict=False)]
    left = []
    for number, word in enumerate(given):
        pairs = joined[max(0, number - 1) : number + 1]
        if not any(same_word(word, other) for other in others) and not any(p in others for p in pairs):
            left.append(word)
    return left


def proper_names(text: str) -> list[str]:
    """Capitalised words that do not open a sentence, plain; names of people, places and pets."""
    inside = re.findall(r"(?<![.!?:]\s)(?<!^)(?<!\w)([^\W\d_a-z][^\W\d_]+)", text)
    return [word for one in inside for word in words(one)]
