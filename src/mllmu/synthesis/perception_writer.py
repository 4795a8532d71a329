"""Write the questions of the perception set: what can be seen in a person's original portrait."""

from __future__ import annotations

import colorsys
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from mllmu.benchmark.types import Modality, Question, Task, Wording
from mllmu.synthesis.perception_questions import asked_about, color_name, hair_color_name
from mllmu.synthesis.person import Person
from mllmu.synthesis.portraits import Appearance
from mllmu.synthesis.question_writer import LETTERS
from mllmu.synthesis.seed_derivation import derive_rng

_NUDGES = (-0.05, 0.0, 0.05)
"""How far hue and lightness of a color, each in 0..1, may be off for it to be the same one to the eye."""


def write_perception_questions(person: Person, seed: int) -> tuple[Question, ...]:
    """Write what is asked about a person's original portrait, with options and freely.

    Args:
        person: whom they are about.
        seed: seed of the benchmark; it and the person decide the wrong options and their order. No other
            question's draws depend on these.

    Returns:
        Two questions about each trait, classification first, in words that the base model was pre-trained
        on; none about hair that a scarf covers. An option is a whole sentence, as pre-training answers.
    """
    questions: list[Question] = []
    for task in (Task.CLASSIFICATION, Task.GENERATION):
        for attribute, trait in _TRAITS.items():
            asked = asked_about(person.appearance, attribute)
            if asked is None:
                continue
            answer = asked[1]
            number = sum(one.task is task for one in questions)
            question = Question(
                question_id=f"{person.profile_id}/perception/{task}/{Modality.IMAGE_TEXT}/{number}",
                profile_id=person.profile_id,
                task=task,
                modality=Modality.IMAGE_TEXT,
                text=trait.question,
                answer=answer,
                value=answer if task is Task.CLASSIFICATION else trait.values[answer].stated,
                attribute=attribute,
                wording=Wording.SEEN.value,
            )
            if task is Task.CLASSIFICATION:
                rng = derive_rng(seed, "perception options", person.profile_id, attribute)
                question = _with_options(question, trait, person.appearance, rng)
            questions.append(question)
    return tuple(questions)


def _with_options(question: Question, trait: _Trait, appearance: Appearance, rng: random.Random) -> Question:
    true = question.answer
    clashing = {true, *trait.also_true(appearance)}
    options = [true]
    while len(options) < trait.options:
        left = {
            answer: value.per_cent
            for answer, value in trait.values.items()
            if answer not in clashing and not any({answer, one} in trait.apart for one in options)
        }
        options += rng.choices(list(left), list(left.values()))
        clashing.add(options[-1])
    rng.shuffle(options)
    letters = dict(zip(LETTERS, options, strict=False))
    correct = next(letter for letter, option in letters.items() if option == true)
    return replace(question, options=letters, correct_option=correct)


@dataclass(frozen=True)
class _Value:
    """One value of a trait.

    Attributes:
        stated: what an answer that gives it contains, and an answer that gives or denies another does not.
        per_cent: how many people have it, so that the true one is as often offered where it is wrong.
    """

    stated: str
    per_cent: float


@dataclass(frozen=True)
class _Trait:
    """What is asked about one trait.

    Attributes:
        question: of the wordings of pre-training, one that is answered in a sentence with the value in it.
        values: by the sentence that gives them.
        options: how many are offered; the same for everybody, as their number would give something away.
        also_true: the sentences that are as good as true of somebody, besides the true one.
        apart: pairs of which both may be true, and that are not offered together.
    """

    question: str
    values: Mapping[str, _Value]
    options: int
    also_true: Callable[[Appearance], set[str]] = lambda _: set()
    apart: tuple[set[str], ...] = ()


def _nearly(color: str, name: Callable[[str], str]) -> set[str]:
    """What a color, and those that look nearly like it, are called."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)))
    return {name(_hex(hue + a, lightness + b, saturation)) for a in _NUDGES for b in _NUDGES}


def _hex(hue: float, lightness: float, saturation: float) -> str:
    parts = colorsys.hls_to_rgb(hue % 1, min(max(lightness, 0), 1), saturation)
    return "#" + "".join(f"{round(255 * part):02x}" for part in parts)


def _hair_like(appearance: Appearance) -> set[str]:
    if appearance.hair_style == "bald":
        return set()
    return {_hair(name) for name in _nearly(appearance.hair_color, hair_color_name)}


def _background_like(appearance: Appearance) -> set[str]:
    plain = appearance.background_pattern == "plain"
    colors = (appearance.background_color, *(() if plain else (appearance.background_accent,)))
    return {_background(name) for color in colors for name in _nearly(color, color_name)}


def _hair(name: str) -> str:
    return f"This person has {name} hair."


def _background(name: str) -> str:
    return f"The background is {name}."


_BEARDS = {"a beard": 13.5, "stubble": 4.5, "a goatee": 4, "a moustache": 3.5}
_HAIR = {
    "brown": 39.5,
    "black": 20.5,
    "blond": 16,
    "red": 8.5,
    "gray": 3.5,
    "blue": 2.5,
    "orange": 1.5,
    "purple": 1.5,
    "green": 1.5,
    "pink": 1,
    "white": 0.5,
}
_BACKGROUNDS = {"green": 27, "blue": 24, "pink": 15, "purple": 13.5, "yellow": 7.5, "orange": 6.5, "red": 6.5}
# No background is of these; they are offered where the others look like the picture's colors.
_BACKGROUNDS |= {"gray": 0.1, "brown": 0.1, "black": 0.1}

_TRAITS = {
    "glasses": _Trait(
        "Is this person wearing glasses?",
        {
            "No, this person is not wearing glasses.": _Value("not wearing glasses", 59.5),
            "Yes, this person is wearing glasses.": _Value("is wearing glasses", 37),
            "Yes, this person is wearing sunglasses.": _Value("is wearing sunglasses", 3.5),
        },
        options=2,
        apart=({"Yes, this person is wearing glasses.", "Yes, this person is wearing sunglasses."},),
    ),
    "hair_color": _Trait(
        "Which hair color does this person have?",
        {
            **{_hair(name): _Value(f"{name} hair", share) for name, share in _HAIR.items()},
            "This person is bald.": _Value("is bald", 2.5),
        },
        options=4,
        also_true=_hair_like,
    ),
    "beard": _Trait(
        "What facial hair does this person have?",
        {
            "This person has no facial hair.": _Value("no facial hair", 74.5),
            **{f"This person has {kind}.": _Value(f"has {kind}", share) for kind, share in _BEARDS.items()},
        },
        options=3,
        apart=tuple(
            {f"This person has {one}.", f"This person has {other}."}
            for one, other in (
                ("a beard", "a goatee"),
                ("a beard", "a moustache"),
                ("a goatee", "a moustache"),
            )
        ),
    ),
    "background": _Trait(
        "What color is the background of this image?",
        {_background(name): _Value(f"is {name}", share) for name, share in _BACKGROUNDS.items()},
        options=4,
        also_true=_background_like,
    ),
}
