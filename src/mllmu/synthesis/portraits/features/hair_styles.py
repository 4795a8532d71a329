"""The hair styles: one line of measures for each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class HairStyle:
    """Measures of a hair style, in face coordinates.

    ``line`` is the shape of the hairline: parted, curtain, back, receding or crop. ``texture`` is straight,
    wavy, curly or short. ``sides`` is v where the hair beside the face ends; ``back`` is v where the hair
    behind the head ends (None: nothing shows). ``fringe`` is "" or the name of a fringe, ``extra`` "" or the
    name of what is tied up or stands out.
    """

    line: str
    texture: str
    lift: float
    sides: float
    back: float | None = None
    spread: float = 0.0
    fringe: str = ""
    extra: str = ""


HAIR_STYLES = {
    "long_straight": HairStyle("parted", "straight", 14, 430, 520, 46),
    "long_wavy": HairStyle("parted", "wavy", 24, 440, 520, 72),
    "long_bangs": HairStyle("parted", "straight", 16, 400, 520, 50, "full"),
    "bob": HairStyle("parted", "straight", 22, 182, 205, 44),
    "bob_bangs": HairStyle("parted", "straight", 22, 168, 200, 46, "full"),
    "lob_wavy": HairStyle("curtain", "wavy", 22, 262, 300, 56),
    "pixie": HairStyle("parted", "straight", 24, 22, None, 8, "swept"),
    "curly_long": HairStyle("curtain", "curly", 44, 330, 400, 84),
    "curly_short": HairStyle("curtain", "curly", 44, -4, 70, 34, "curls"),
    "afro": HairStyle("back", "curly", 92, 40, 130, 98),
    "top_bun": HairStyle("back", "straight", 8, 10, None, 2, "", "top_bun"),
    "low_bun": HairStyle("parted", "straight", 12, 26, None, 6, "", "low_bun"),
    "ponytail": HairStyle("back", "straight", 12, 14, None, 4, "", "ponytail"),
    "braids": HairStyle("parted", "straight", 12, 60, None, 8, "", "braids"),
    "side_swept": HairStyle("parted", "wavy", 26, 330, 330, 56, "swept"),
    "space_buns": HairStyle("curtain", "straight", 10, 18, None, 4, "full", "space_buns"),
    "crew": HairStyle("crop", "straight", 18, -18, None, 2),
    "buzz": HairStyle("crop", "short", 4, -10, None, 0),
    "bald": HairStyle("bald", "short", 0, 0),
    "receding": HairStyle("receding", "short", 5, 6, None, 3),
    "quiff": HairStyle("back", "straight", 20, -6, None, 2, "quiff"),
    "side_part": HairStyle("parted", "straight", 24, -2, None, 4, "swept"),
    "slick_back": HairStyle("back", "straight", 20, 4, None, 4),
    "spiky": HairStyle("crop", "straight", 16, -8, None, 2, "spikes"),
    "shaggy": HairStyle("parted", "wavy", 34, 96, 130, 30, "shag"),
    "man_bun": HairStyle("back", "straight", 8, -4, None, 2, "", "top_bun"),
    "shoulder": HairStyle("curtain", "wavy", 18, 270, 310, 46),
    "fringe": HairStyle("parted", "straight", 24, 8, None, 8, "full"),
    "mohawk": HairStyle("mohawk", "short", 3, -10, None, 0, "mohawk"),
    "curtains": HairStyle("curtain", "straight", 26, 44, None, 12),
}
"""All hair styles by name."""
