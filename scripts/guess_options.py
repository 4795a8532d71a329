"""Guess multiple-choice answers without knowing anybody, and tell whether any trick beats chance.

    python scripts/guess_options.py                          # the people of `mllmu synthesize`
    python scripts/guess_options.py --benchmark FOLDER

A guesser sees what a model that is asked sees (options, question, name or picture), and all other people's
questions with their answers. Chance is 25 %. Exit status 1 says that a guesser beats it: somebody who never
read of these people would score above chance.

A last table is of a guesser that does know something: which values there are among the people of the
benchmark, but not whose they are. It is above chance, and what forgets only whose a value was stays there.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from rich.console import Console
from rich.progress import track
from rich.table import Table
from scipy import stats

from mllmu.benchmark import Benchmark, load_benchmark
from mllmu.benchmark.types import Modality, Profile, Question, Task
from mllmu.synthesis import synthesize
from mllmu.synthesis.priors import MONTHS
from option_models import trained_scores

CHANCE = 100 / 4
LEVEL = 0.95
GRID = 4


@dataclass(frozen=True)
class Asked:
    """One multiple-choice question with whom it is about."""

    question: Question
    profile: Profile

    @property
    def options(self) -> Mapping[str, str]:
        """Letter -> text."""
        return self.question.options

    @property
    def name(self) -> str:
        """The name, where the question says it."""
        return self.profile.name if self.question.modality is Modality.TEXT else ""


Guesser = Callable[[Asked], Mapping[str, float]]
"""The score of every letter; the highest is guessed, and ties are guessed at random."""


def number_in(text: str) -> float | None:
    """The number that a date, a height or a salary stands for; None for anything else."""
    if date := re.fullmatch(r"(\w+) (\d+), (\d{4})", text):
        return int(date[3]) * 400 + (1 + MONTHS.index(date[1])) * 32 + int(date[2])
    if height := re.fullmatch(r"(\d+) feet(?: (\d+) inch(?:es)?)?", text):
        return int(height[1]) * 12 + int(height[2] or 0)
    digits = re.sub(r"[^\d]", "", text)
    return float(digits) if digits else None


def trigrams(text: str) -> set[str]:
    """All three letters in a row of a text, in small letters."""
    text = f" {text.casefold()} "
    return {text[index : index + 3] for index in range(len(text) - 2)}


def likeness(first: str, second: str) -> float:
    """Share of trigrams that two texts have in common, 0..1."""
    a, b = trigrams(first), trigrams(second)
    return len(a & b) / len(a | b)


def by_rank(rank: int) -> Guesser:
    """Guess the option of a rank where all are numbers, 0 the smallest; elsewhere any."""

    def guess(asked: Asked) -> dict[str, float]:
        numbers = {letter: number_in(text) for letter, text in asked.options.items()}
        values = [number for number in numbers.values() if number is not None]
        if len(values) < len(numbers):
            return dict.fromkeys(numbers, 0.0)
        chosen = sorted(values)[rank]
        return {letter: float(number == chosen) for letter, number in numbers.items()}

    return guess


def of_text(value: Callable[[str, Asked], float]) -> Guesser:
    """Guess the option whose text has the highest value."""
    return lambda asked: {letter: value(text, asked) for letter, text in asked.options.items()}


def like_others(text: str, asked: Asked) -> float:
    """How like the other options a text is."""
    return sum(likeness(text, other) for other in asked.options.values() if other != text)


def by_count(everything: Sequence[Asked]) -> dict[str, Guesser]:
    """Guessers that count how often a text occurs in the questions about other people."""
    true: Counter[tuple[str, str]] = Counter()
    offered: Counter[tuple[str, str]] = Counter()
    of_person: dict[tuple[str, str], list[set[str]]] = defaultdict(list)
    own: Counter[tuple[str, str, str]] = Counter()
    for asked in everything:
        attribute, person = asked.question.attribute, asked.profile.profile_id
        true[attribute, asked.question.value] += 1
        own[person, attribute, asked.question.value] += 1
        offered.update((attribute, text) for text in asked.options.values())
        of_person[person, attribute].append(set(asked.options.values()))

    def elsewhere(text: str, asked: Asked) -> float:
        attribute, person = asked.question.attribute, asked.profile.profile_id
        return true[attribute, text] - own[person, attribute, text]

    def shared(text: str, asked: Asked) -> float:
        questions = of_person[asked.profile.profile_id, asked.question.attribute]
        return sum(text in options for options in questions)

    return {
        "often true of others": of_text(elsewhere),
        "often offered": of_text(lambda text, asked: offered[asked.question.attribute, text]),
        "seldom offered": of_text(lambda text, asked: -offered[asked.question.attribute, text]),
        "offered in all questions about it": of_text(shared),
    }


def guessers_for(everything: Sequence[Asked]) -> dict[str, Guesser]:
    """Every guesser that needs no training, by what it goes by."""
    return {
        **{f"letter {letter}": of_letter(letter) for letter in "ABCD"},
        "longest": of_text(lambda text, asked: len(text)),
        "shortest": of_text(lambda text, asked: -len(text)),
        "most words": of_text(lambda text, asked: len(text.split())),
        **{f"number of rank {rank + 1}": by_rank(rank) for rank in range(4)},
        "like the question": of_text(lambda text, asked: likeness(text, asked.question.text)),
        "like the name": of_text(lambda text, asked: likeness(text, asked.name)),
        "like other options": of_text(like_others),
        "unlike other options": of_text(lambda text, asked: -like_others(text, asked)),
        **by_count(everything),
    }


def of_known_values(everything: Sequence[Asked]) -> Guesser:
    """Guess an option that is true of anybody, the person included."""
    values = {(asked.question.attribute, asked.question.value) for asked in everything}
    return of_text(lambda text, asked: (asked.question.attribute, text) in values)


def of_letter(letter: str) -> Guesser:
    """Guess always the same letter."""
    return lambda asked: {each: float(each == letter) for each in asked.options}


def rightness(asked: Asked, scores: Mapping[str, float]) -> float:
    """Chance (0..1) that guessing the highest score is right."""
    best = max(scores.values())
    tied = [letter for letter, score in scores.items() if score == best]
    return (asked.question.correct_option in tied) / len(tied)


def picture_colours(image: bytes) -> list[str]:
    """What colours a portrait has and where, as words."""
    with Image.open(io.BytesIO(image)) as opened:
        pixels = np.asarray(opened.convert("RGB").resize((GRID, GRID), Image.Resampling.BOX)) // 64
    return [f"{index}:{''.join(map(str, colour))}" for index, colour in enumerate(pixels.reshape(-1, 3))]


def questions_of(benchmark: Benchmark) -> list[Asked]:
    """All multiple-choice questions of all people."""
    people = [*benchmark.profiles.values(), *benchmark.celebrities.values(), *benchmark.holdout.values()]
    return [
        Asked(question, person)
        for person in people
        for question in (*person.questions, *person.test_questions)
        if question.task is Task.CLASSIFICATION and question.answerable
    ]


def main() -> int:
    """Print how often each guesser is right."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--benchmark", type=Path, help="a benchmark's folder; made anew if left out")
    parser.add_argument("--profiles", type=int, default=500, help="people to make")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    size = {"image_size": 64, "test_image_size": 64, "test_views": 1}
    benchmark = (
        load_benchmark(arguments.benchmark)
        if arguments.benchmark
        else synthesize(profiles=arguments.profiles, seed=arguments.seed, **size)
    )
    everything = questions_of(benchmark)
    shares = {}
    for name, guess in track(guessers_for(everything).items(), "guessing", console=Console(stderr=True)):
        shares[name] = [rightness(asked, guess(asked)) for asked in everything]
    colours = {asked.profile.profile_id: picture_colours(asked.profile.image) for asked in everything}
    hints: dict[str, Callable[[Asked], Iterable[str]]] = {
        "trained on options": lambda asked: (),
        "trained on options and name": lambda asked: asked.name.split(),
        "trained on options and picture": lambda asked: (
            [] if asked.name else colours[asked.profile.profile_id]
        ),
    }
    people = [asked.profile.profile_id for asked in everything]
    for name, hint in track(hints.items(), "training", console=Console(stderr=True)):
        rows = [
            (asked.question.attribute, asked.options, asked.question.correct_option, list(hint(asked)))
            for asked in everything
        ]
        scores = trained_scores(rows, people, arguments.seed)
        shares[name] = [rightness(*pair) for pair in zip(everything, scores, strict=True)]
    beaten = show(everything, shares)
    show_familiar([asked for asked in everything if asked.profile.profile_id in benchmark.profiles])
    return beaten


def show_familiar(taught: Sequence[Asked]) -> None:
    """Print how often somebody is right who knows the values of the people taught, but not whose they are."""
    guess = of_known_values(taught)
    rights = pd.DataFrame(
        [
            (asked.question.modality.value, asked.question.attribute, 100 * rightness(asked, guess(asked)))
            for asked in taught
        ],
        columns=["asked", "attribute", "right"],
    )
    table = Table("knows which values there are", "right", "questions")
    by_name = [(str(name), part["right"]) for name, part in rights.groupby("attribute")]
    by_name.sort(key=lambda named: -named[1].mean())
    overall = [(f"all, asked by {name}", part["right"]) for name, part in rights.groupby("asked")]
    for name, right in [*overall, *by_name]:
        table.add_row(name, f"{right.mean():.1f} %", str(len(right)))
    Console(width=120).print(table)


def interval(means: Sequence[float], level: float) -> tuple[float, float]:
    """Student's interval of a mean over people; the mean itself where all are equal."""
    if np.ptp(means) < 1e-9:
        return float(means[0]), float(means[0])
    return tuple(stats.ttest_1samp(means, CHANCE).confidence_interval(level))


def show(everything: Sequence[Asked], shares: Mapping[str, Sequence[float]]) -> int:
    """Print a table of guessers; 1 if the interval of one, widened for their number, is above chance."""
    table = Table("goes by", "right", f"{LEVEL:.0%} interval of all {len(shares)} together", "best attribute")
    beaten = False
    for name, rights in shares.items():
        per_person, per_attribute = defaultdict(list), defaultdict(list)
        for asked, right in zip(everything, rights, strict=True):
            per_person[asked.profile.profile_id].append(100 * right)
            per_attribute[asked.question.attribute].append(100 * right)
        means = [np.mean(own) for own in per_person.values()]
        low, high = interval(means, 1 - (1 - LEVEL) / len(shares))
        best = max(per_attribute, key=lambda attribute: float(np.mean(per_attribute[attribute])))
        beaten |= low > CHANCE
        bounds = f"{low:.1f} to {high:.1f}" + (" above chance" if low > CHANCE else "")
        most = f"{best} {np.mean(per_attribute[best]):.1f} % of {len(per_attribute[best])}"
        table.add_row(name, f"{np.mean(means):.1f} %", bounds, most)
    Console(width=120).print(table)
    print(
        f"{len(everything)} questions about {len({asked.profile.profile_id for asked in everything})} people"
    )
    return int(beaten)


if __name__ == "__main__":
    sys.exit(main())
