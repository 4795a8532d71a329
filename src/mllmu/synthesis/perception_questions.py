"""Questions about what is visible in a portrait, such as hair color or glasses."""

from __future__ import annotations

import colorsys
import random
from collections.abc import Callable

from mllmu.synthesis.portraits import Appearance
from mllmu.synthesis.wording import with_article

_HUES = (
    (18, "red"),
    (42, "orange"),
    (70, "yellow"),
    (165, "green"),
    (255, "blue"),
    (300, "purple"),
    (342, "pink"),
    (360, "red"),
)
_HAIR_SHAPES = {
    "long": ("long_straight", "long_wavy", "long_bangs", "curly_long", "shoulder", "braids", "lob_wavy"),
    "tied up": ("top_bun", "low_bun", "ponytail", "space_buns", "man_bun"),
    "short": (
        "bob",
        "bob_bangs",
        "pixie",
        "crew",
        "buzz",
        "quiff",
        "side_part",
        "slick_back",
        "spiky",
        "fringe",
    ),
}
_BEARDS = {"stubble": "stubble", "moustache": "a moustache", "goatee": "a goatee"}


def color_name(color: str) -> str:
    """Give the everyday word for a ``#rrggbb`` colour: one of eleven."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)))
    if lightness < 0.15 or (lightness < 0.23 and saturation < 0.25):
        return "black"
    if saturation < 0.12 or lightness > 0.93:
        return "white" if lightness > 0.83 else "gray"
    name = next(name for limit, name in _HUES if hue * 360 <= limit)
    if name in ("red", "orange", "yellow") and lightness < 0.4 and not (name == "red" and saturation > 0.5):
        return "brown"
    return "pink" if name == "red" and lightness > 0.68 else name


def hair_color_name(color: str) -> str:
    """Give the word for a ``#rrggbb`` colour of hair, where golden is blond and coppery is red."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)))
    if lightness < 0.15:
        return "black"
    if saturation < 0.13:
        return "white" if lightness > 0.83 else "gray"
    dyed_orange = hue * 360 < 35 and saturation > 0.75
    if dyed_orange or not 5 < hue * 360 < 60:
        return color_name(color)
    if lightness > 0.5:
        return "blond"
    return "red" if saturation > 0.6 and hue * 360 < 24 and lightness > 0.26 else "brown"


def perception(appearance: Appearance, rng: random.Random) -> tuple[str, str]:
    """Draw a question about something visible in the portrait, and its answer.

    Returns:
        Prompt and answer, to go with any drawing of this appearance.
    """
    visible = [question_set for ask in _ASKING if (question_set := ask(appearance)) is not None]
    questions, answer = rng.choice(visible)
    return rng.choice(questions), answer


def asked_about(appearance: Appearance, trait: str) -> tuple[tuple[str, ...], str] | None:
    """Give the wordings that ask about one of ``TRAITS``, and the answer; None where it cannot be seen."""
    return TRAITS[trait](appearance)


_QuestionsAndAnswer = tuple[tuple[str, ...], str] | None


def _glasses(appearance: Appearance) -> _QuestionsAndAnswer:
    kind = "sunglasses" if appearance.glasses_style == "sunglasses" else "glasses"
    seen = appearance.glasses_style != "none"
    return (
        (
            "Is this person wearing glasses?",
            "Does this person wear glasses?",
            "Are there glasses on this face?",
        ),
        f"Yes, this person is wearing {kind}." if seen else "No, this person is not wearing glasses.",
    )


def _headwear(appearance: Appearance) -> _QuestionsAndAnswer:
    worn = appearance.headwear_style
    return (
        ("What is this person wearing on the head?", "Is there anything on this person's head?"),
        f"This person is wearing {with_article(f'{color_name(appearance.headwear_color)} {worn}')}."
        if worn != "none"
        else "This person is wearing nothing on the head.",
    )


def _hair_color(appearance: Appearance) -> _QuestionsAndAnswer:
    # A scarf covers the hair.
    if appearance.headwear_style == "scarf":
        return None
    questions = (
        "What color is this person's hair?",
        "What is the hair color of this person?",
        "Which hair color does this person have?",
    )
    if appearance.hair_style == "bald":
        return questions, "This person is bald."
    return questions, f"This person has {hair_color_name(appearance.hair_color)} hair."


def _hair_shape(appearance: Appearance) -> _QuestionsAndAnswer:
    if appearance.headwear_style != "none":
        return None
    shape = next((name for name, styles in _HAIR_SHAPES.items() if appearance.hair_style in styles), None)
    if shape is None:
        return None
    return (
        ("How does this person wear their hair?", "Is this person's hair long, short or tied up?"),
        f"This person's hair is {shape}.",
    )


def _beard(appearance: Appearance) -> _QuestionsAndAnswer:
    kind = _BEARDS.get(appearance.beard_style, "a beard")
    return (
        ("Does this person have a beard?", "What facial hair does this person have?"),
        f"This person has {kind}." if appearance.beard_style != "none" else "This person has no facial hair.",
    )


def _jewellery(appearance: Appearance) -> _QuestionsAndAnswer:
    pieces = [
        name
        for name, style in (("earrings", appearance.earring_style), ("a necklace", appearance.necklace_style))
        if style != "none" and not (name == "earrings" and appearance.headwear_style == "scarf")
    ]
    return (
        ("What jewelry is this person wearing?", "Does this person wear any jewelry?"),
        f"This person is wearing {' and '.join(pieces)}." if pieces else "This person is wearing no jewelry.",
    )


def _clothes_color(appearance: Appearance) -> _QuestionsAndAnswer:
    return (
        ("What color are this person's clothes?", "Which color of clothes is this person wearing?"),
        f"This person is wearing {color_name(appearance.clothes_color)} clothes.",
    )


def _background_color(appearance: Appearance) -> _QuestionsAndAnswer:
    return (
        ("What color is the background of this image?", "Which color is behind this person?"),
        f"The background is {color_name(appearance.background_color)}.",
    )


_ASKING: tuple[Callable[[Appearance], _QuestionsAndAnswer], ...] = (
    _glasses,
    _headwear,
    _hair_color,
    _hair_shape,
    _beard,
    _jewellery,
    _clothes_color,
    _background_color,
)

TRAITS: dict[str, Callable[[Appearance], _QuestionsAndAnswer]] = {
    "glasses": _glasses,
    "hair_color": _hair_color,
    "beard": _beard,
    "background": _background_color,
}
"""What is asked about whether a model still sees, by the name of the attribute."""
