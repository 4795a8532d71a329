"""Draw the identity features of a person at random."""

import random
from collections.abc import Sequence

from mllmu.errors import UserError
from mllmu.synthesis.portraits.appearance import ANCESTRIES, Appearance
from mllmu.synthesis.portraits.colors import deeper, from_hsl, mix, scale_lightness
from mllmu.synthesis.portraits.wardrobe import (
    BACKDROPS,
    CLOTHES,
    PATTERN_WEIGHTS,
    PATTERNS,
    backdrop_colors,
    contrasting,
    garment_color,
)

_SKINS = ("#fbdfcb", "#f4cfb2", "#ecbd98", "#dda67c", "#c88d62", "#ae7449", "#8f5a37", "#6f4229", "#523021")
# Where an ancestry sits on the scale of skins: mean and spread of the index.
_SKIN_INDEX = {
    "european": (0.9, 0.8),
    "east_asian": (1.6, 0.8),
    "south_asian": (4.3, 1.2),
    "african": (6.6, 1.0),
    "middle_eastern": (2.8, 1.0),
    "latin": (3.2, 1.2),
    "southeast_asian": (3.2, 1.0),
}
_NATURAL_HAIR = {
    "black": "#1f1a1c",
    "espresso": "#3a2620",
    "brown": "#5f3b26",
    "chestnut": "#87492a",
    "auburn": "#a03d20",
    "copper": "#cc6228",
    "caramel": "#a9743f",
    "dark_blond": "#c29a5c",
    "blond": "#e6c67c",
    "platinum": "#f1e4c6",
}
_LIGHT_HAIRED = (2, 3, 4, 3, 2.4, 2.4, 2.4, 3, 3, 1.5)
_DARK_HAIRED = (6, 4, 3, 1.6, 0.9, 0.5, 0.7, 0.4, 0.6, 0.5)
_DYED_HAIR = ("#b3273d", "#d8578f", "#7b4bb3", "#2f6fb5", "#1f9a8e", "#4f9a45", "#e88b3a")
_GREYS = ("#8d8d90", "#b9b8b6", "#e4e2de", "#6f6e72")

_HAIR_STYLES_FEMALE = (
    "long_straight", "long_wavy", "long_bangs", "bob", "bob_bangs", "pixie", "curly_long", "curly_short",
    "afro", "top_bun", "low_bun", "ponytail", "braids", "side_swept", "space_buns", "lob_wavy",
)  # fmt: skip
_HAIR_STYLES_MALE = (
    "crew", "buzz", "bald", "receding", "quiff", "side_part", "slick_back", "spiky", "curly_short", "afro",
    "shaggy", "man_bun", "shoulder", "fringe", "mohawk", "curtains",
)  # fmt: skip
_STANDING_HAIR = ("afro", "top_bun", "space_buns", "quiff", "spiky", "mohawk", "man_bun", "curly_long")
_EYES = ("#4a2c1a", "#6b4226", "#8a5a2b", "#7a7434", "#4f7f4a", "#3f7f93", "#4f83c4", "#7d8a96")
_EYES_LIGHT = (2, 2, 1.5, 1.5, 2, 1.5, 3, 1.5)
_EYES_DARK = (6, 5, 2, 0.6, 0.4, 0.2, 0.3, 0.2)
_LIPS = ("#b5485a", "#c23b4f", "#a63a6a", "#d26a5c", "#8e2f45", "#cc5a7d")
_FRAMES = ("#22222a", "#7a4a26", "#b8862f", "#a52a36", "#2f5aa8", "#2e7d5b", "#c9ccd4", "#6d3f94", "#e8e2d6")
_METALS = ("#e0b04a", "#d5d9e0", "#d89a84", "#3fa7a0", "#c23f55", "#5a6fd0")


def _pick(rng: random.Random, values: Sequence[str], weights: Sequence[float] | None = None) -> str:
    return rng.choices(values, weights)[0]


def _skin(rng: random.Random, ancestry: str) -> str:
    mean, spread = _SKIN_INDEX[ancestry]
    index = max(0.0, min(len(_SKINS) - 1.001, rng.gauss(mean, spread)))
    base = mix(_SKINS[int(index)], _SKINS[int(index) + 1], index - int(index))
    # Undertone: a little rosier or a little more golden.
    return mix(base, "#e58f86" if rng.random() < 0.5 else "#e0b060", rng.uniform(0, 0.13))


def _hair_color(rng: random.Random, ancestry: str, age: int, dyed_share: float) -> str:
    if rng.random() < dyed_share:
        return _pick(rng, _DYED_HAIR)
    light = ancestry == "european"
    natural = _pick(rng, tuple(_NATURAL_HAIR.values()), _LIGHT_HAIRED if light else _DARK_HAIRED)
    natural = scale_lightness(natural, rng.uniform(0.85, 1.18))
    if rng.random() < (age - 38) / 42:
        return mix(natural, _pick(rng, _GREYS), rng.uniform(0.6, 1.0))
    return natural


def _mole(rng: random.Random) -> tuple[float, float]:
    """A place on a cheek, clear of nose and mouth."""
    return rng.choice((-1, 1)) * rng.uniform(74, 108), rng.uniform(52, 120)


def _headwear(rng: random.Random, female: bool, hair_style: str) -> str:
    """Something for the head; hair that stands up leaves room only for what is worn in it."""
    if hair_style in _STANDING_HAIR:
        return _pick(rng, ("none", "headband", "flower"), (12, 1.2, 1) if female else (20, 0.5, 0))
    styles = ("none", "beanie", "cap", "scarf", "hat", "headband", "beret", "flower")
    return _pick(
        rng, styles, (14, 1, 0.7, 1.2, 1.1, 1.2, 1, 1) if female else (14, 1.2, 1.4, 0, 1.2, 0.3, 0.6, 0)
    )


def sample_appearance(rng: random.Random, gender: str, age: int, ancestry: str) -> Appearance:
    """Draw a person's looks; ancestry and gender only bias them, and strong cues are drawn independently.

    Args:
        rng: the only source of chance.
        gender: "female" or "male".
        age: in years.
        ancestry: one of ``ANCESTRIES``.

    Raises:
        UserError: for a gender or an ancestry that is not known.
    """
    if gender not in ("female", "male"):
        raise UserError(f"sample_appearance: gender {gender!r} was given, 'female' or 'male' was expected")
    if ancestry not in ANCESTRIES:
        raise UserError(f"sample_appearance: ancestry {ancestry!r} is not one of {', '.join(ANCESTRIES)}")
    female = gender == "female"
    skin = _skin(rng, ancestry)
    light_eyes = ancestry == "european"
    hair_color = _hair_color(rng, ancestry, age, 0.12 if female else 0.05)
    style = _pick(rng, _HAIR_STYLES_FEMALE if female else _HAIR_STYLES_MALE)
    if style in ("bald", "receding") and age < 30:
        style = _pick(rng, ("crew", "quiff", "fringe", "curtains"))
    bearded = not female and rng.random() < 0.5
    made_up = female and rng.random() < 0.65
    clothes_color = garment_color(rng)
    background, background_accent = backdrop_colors(rng)
    natural_lip = mix(deeper(skin, 0.32), "#c0485a", 0.3)
    return Appearance(
        skin=skin,
        face_width=rng.uniform(0.9, 1.1) * (0.97 if female else 1.02),
        face_length=rng.uniform(0.94, 1.07),
        jaw=rng.uniform(0.0, 0.65) if female else rng.uniform(0.3, 1.0),
        chin=rng.uniform(0.0, 1.0),
        cheeks=rng.uniform(0.0, 1.0),
        ear_size=rng.uniform(0.85, 1.2),
        body_width=rng.uniform(0.86, 1.02) if female else rng.uniform(0.98, 1.16),
        hair_style=style,
        hair_color=hair_color,
        hair_volume=rng.uniform(0.75, 1.3),
        hair_parting=rng.choice((-1, 1)) * rng.uniform(0.15, 0.75),
        hairline=rng.uniform(0.0, 0.7) + (0.2 if age > 50 else 0.0),
        eye_color=_pick(rng, _EYES, _EYES_LIGHT if light_eyes else _EYES_DARK),
        eye_size=rng.uniform(0.88, 1.16) * (1.04 if female else 0.96),
        eye_spacing=rng.uniform(0.93, 1.08),
        eye_openness=rng.uniform(0.78, 1.15) * (0.86 if ancestry == "east_asian" else 1.0),
        eye_tilt=rng.uniform(-4, 8),
        lashes=rng.uniform(0.6, 1.0) if female else rng.uniform(0.0, 0.3),
        eye_shadow=from_hsl(rng.uniform(0, 360), 0.4, 0.45) if made_up and rng.random() < 0.5 else "",
        brow_color=mix(scale_lightness(hair_color, 0.72), "#3a2a22", 0.35),
        brow_thickness=rng.uniform(0.65, 1.1) if female else rng.uniform(0.95, 1.7),
        brow_arch=rng.uniform(0.2, 1.0),
        brow_tilt=rng.uniform(-0.8, 0.8),
        nose_width=rng.uniform(0.82, 1.22),
        nose_length=rng.uniform(0.88, 1.14),
        mouth_width=rng.uniform(0.86, 1.16),
        lip_fullness=rng.uniform(0.75, 1.35) * (1.08 if female else 0.85),
        lip_color=_pick(rng, _LIPS) if made_up else natural_lip,
        freckles=rng.uniform(0.5, 1.0) if rng.random() < 0.14 else 0.0,
        moles=tuple(_mole(rng) for _ in range(rng.choice((0, 0, 0, 0, 1, 2)))),
        wrinkles=max(0.0, min(1.0, (age - 34) / 42 + rng.uniform(-0.1, 0.1))),
        blush=rng.uniform(0.3, 1.0) if female else rng.uniform(0.1, 0.6),
        beard_style=_pick(rng, ("stubble", "goatee", "moustache", "full", "long", "chin_strap"))
        if bearded
        else "none",
        beard_color=mix(hair_color, "#d5d2cc", 0.35 if age > 55 else 0.0),
        glasses_style=_pick(
            rng, ("round", "square", "cat_eye", "aviator", "half_rim", "sunglasses"), (3, 3, 2, 2, 2, 1.2)
        )
        if rng.random() < 0.4
        else "none",
        glasses_color=_pick(rng, _FRAMES),
        earring_style=_pick(
            rng, ("none", "stud", "hoop", "drop"), (3, 2, 3, 3) if female else (10, 1, 0.6, 0)
        ),
        necklace_style=_pick(
            rng, ("none", "pendant", "pearls", "beads"), (4, 2, 2, 2) if female else (9, 1, 0, 0.5)
        ),
        jewellery_color=_pick(rng, _METALS),
        clothes_style=_pick(rng, CLOTHES),
        clothes_color=clothes_color,
        clothes_accent=contrasting(rng, clothes_color),
        clothes_pattern=_pick(rng, PATTERNS, PATTERN_WEIGHTS),
        headwear_style=_headwear(rng, female, style),
        headwear_color=garment_color(rng),
        background_color=background,
        background_accent=background_accent,
        background_pattern=_pick(rng, BACKDROPS),
    )
