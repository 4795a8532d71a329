"""What changes from one day to another: garments and backgrounds, and how they are drawn at random."""

import random
from dataclasses import dataclass

from mllmu.synthesis.portraits.colors import from_hsl, luminance

# Hue, saturation and lightness of the anchors of everything worn.
_WARDROBE = (
    (355, 0.66, 0.48), (345, 0.55, 0.3), (12, 0.72, 0.6), (18, 0.6, 0.42), (28, 0.82, 0.56),
    (42, 0.78, 0.54), (50, 0.8, 0.66), (38, 0.35, 0.74), (40, 0.4, 0.9), (26, 0.38, 0.3),
    (75, 0.36, 0.38), (95, 0.4, 0.56), (140, 0.4, 0.34), (158, 0.5, 0.26), (165, 0.42, 0.62),
    (178, 0.6, 0.34), (190, 0.55, 0.5), (202, 0.7, 0.68), (214, 0.68, 0.48), (222, 0.55, 0.26),
    (232, 0.45, 0.6), (255, 0.5, 0.42), (270, 0.42, 0.68), (288, 0.42, 0.34), (322, 0.56, 0.46),
    (338, 0.66, 0.7), (350, 0.6, 0.82), (210, 0.12, 0.16), (215, 0.1, 0.5), (205, 0.2, 0.88),
)  # fmt: skip
CLOTHES = ("crew_neck", "v_neck", "shirt", "suit", "turtleneck", "hoodie", "cardigan", "polo", "overalls")
PATTERNS = ("plain", "stripes", "bars", "dots", "checks", "zigzag", "diagonal", "block")
PATTERN_WEIGHTS = (2, 1, 1, 1, 1, 1, 1, 1)
BACKDROPS = ("plain", "halo", "dots", "diagonal", "arch", "bands", "waves", "rays", "split", "blobs")
SCENES = ("hills", "window", "lights", "corner")
"""Backgrounds of further views only, besides the motifs."""


def garment_color(rng: random.Random) -> str:
    """A colour for something worn: a tasteful anchor, shifted enough that no two people share it."""
    hue, saturation, lightness = rng.choice(_WARDROBE)
    return from_hsl(
        hue + rng.uniform(-11, 11),
        max(0.05, min(0.85, saturation + rng.uniform(-0.1, 0.1))),
        max(0.1, min(0.93, lightness + rng.uniform(-0.06, 0.06))),
    )


def contrasting(rng: random.Random, base: str) -> str:
    """A second garment colour that stands out from ``base``."""
    while True:
        color = garment_color(rng)
        if abs(luminance(color) - luminance(base)) > 0.27:
            return color


def backdrop_colors(rng: random.Random) -> tuple[str, str]:
    """Colour and accent of a background: a calm colour of any hue, and a lighter or deeper neighbour."""
    hue = rng.uniform(0, 360)
    # Greens and magentas of equal HSL saturation look louder than the rest.
    loud = 0.62 if 75 < hue < 165 or 275 < hue < 330 else 1.0
    lightness = rng.uniform(0.5, 0.8)
    base = from_hsl(hue, rng.uniform(0.3, 0.66) * loud, lightness)
    turned = hue + rng.choice((-150, -60, -30, 0, 30, 60, 150, 180))
    if lightness > 0.66 and rng.random() < 0.5:
        return base, from_hsl(turned, 0.5 * loud, lightness - 0.22)
    return base, from_hsl(turned, 0.65, 0.93)


@dataclass(frozen=True)
class Garment:
    """What somebody wears in a picture; colours are ``#rrggbb``."""

    style: str
    color: str
    accent: str
    pattern: str


@dataclass(frozen=True)
class Backdrop:
    """What is behind somebody in a picture; colours are ``#rrggbb``."""

    color: str
    accent: str
    pattern: str


def sample_garment(rng: random.Random) -> Garment:
    """Draw a garment of nobody in particular."""
    color = garment_color(rng)
    return Garment(
        style=rng.choice(CLOTHES),
        color=color,
        accent=contrasting(rng, color),
        pattern=rng.choices(PATTERNS, PATTERN_WEIGHTS)[0],
    )


def sample_backdrop(rng: random.Random) -> Backdrop:
    """Draw a background of nobody in particular: a motif, or a scene."""
    color, accent = backdrop_colors(rng)
    return Backdrop(color, accent, rng.choice((*BACKDROPS, *SCENES)))
