"""Hair: a back part behind the neck, a cap that frames the face, strands, shine, fringes and tied-up hair."""

import random

from mllmu.synthesis.portraits.canvas import Canvas, closed, smooth
from mllmu.synthesis.portraits.colors import deeper, luminance, mix, scale_lightness
from mllmu.synthesis.portraits.features.fringes import FRINGES
from mllmu.synthesis.portraits.features.hair_styles import HAIR_STYLES, HairStyle
from mllmu.synthesis.portraits.features.tied_hair import EXTRAS
from mllmu.synthesis.portraits.geometry import Head, Point, between, lerp, rippled, sample_curve

_STEPS = 25


def style_of(head: Head) -> HairStyle:
    """Measures of the person's hair style."""
    return HAIR_STYLES[head.appearance.hair_style]


def hair_tones(color: str) -> tuple[str, str, str]:
    """Shadow, body and shine of a hair colour; dark hair shines relatively more."""
    dark = luminance(color) < 0.25
    return scale_lightness(color, 0.55), color, mix(color, "#fff0d8", 0.3 if dark else 0.42)


def draw_back_hair(canvas: Canvas, head: Head) -> None:
    """Draw what shows behind neck and shoulders."""
    if head.appearance.headwear_style == "scarf":
        return
    style, width = style_of(head), head.half_width
    shadow, body, _ = hair_tones(head.appearance.hair_color)
    if style.extra in EXTRAS:
        EXTRAS[style.extra](canvas, head, "behind")
    if style.back is None:
        return
    spread = style.spread * head.appearance.hair_volume
    left = [
        (0.0, -200.0 - style.lift),
        (-width * 0.8 - spread * 0.4, -150.0 - style.lift * 0.5),
        (-width - spread * 0.9, -10.0),
        (-width - spread, lerp(0, style.back, 0.55)),
        (-width - spread * 0.8, style.back - 20),
        (-width * 0.55, style.back + 14),
        (0.0, style.back + 8),
    ]
    half = sample_curve(left, _STEPS)
    if style.texture != "straight":
        half = rippled(half, -18 if style.texture == "wavy" else -30, 4 if style.texture == "wavy" else 3)
    outline = [head.back(p) for p in half] + [head.back((-u, v)) for u, v in half[::-1]]
    paint = canvas.linear(
        [(0, body, 1), (0.35, scale_lightness(body, 0.72), 1), (1, shadow, 1)], (0.5, 0), (0.5, 1)
    )
    canvas.fill(closed(outline), paint)


def _outer_half(head: Head, style: HairStyle) -> list[Point]:
    """Outer edge of the cap on the left, from its lowest point to the crown."""
    width, volume = head.half_width, head.appearance.hair_volume
    spread, lift = style.spread * volume, style.lift * lerp(0.6, 1.0, volume)
    top = -208.0 - lift
    crown = [
        (-width - 7 - spread * 0.55, -58.0),
        (-width * 0.86 - spread * 0.3, -150.0 - lift * 0.45),
        (-width * 0.46, top + 14),
        (0.0, top),
    ]
    if style.sides < 60:
        return [(-width - 1, style.sides), (-width - 5 - spread * 0.5, style.sides * 0.5 - 25), *crown]
    low = style.sides
    return [
        (-width + 14 - spread * 0.35, low),
        (-width + 14 - spread * 0.35, low),
        (-width - spread * 0.85, low * 0.82),
        (-width - spread, low * 0.45),
        (-width - 6 - spread * 0.8, 20.0),
        *crown,
    ]


def _inner_half(head: Head, style: HairStyle, part: float) -> list[Point]:
    """Inner edge of the cap on the left, from its lowest point to the parting."""
    width, low, spread = head.half_width, style.sides, style.spread
    high = -112.0 - 36 * min(1.0, head.appearance.hairline)
    middle = (part, high)
    if style.line == "curtain":
        line = [(-width * 0.95, -8.0), (-width * 0.8, -56.0), (-width * 0.42, -98.0), (part, high - 8)]
    elif style.line == "back":
        line = [(-width * 0.94, -40.0), (-width * 0.83, -92.0), (-width * 0.5, high + 2), (0.0, high - 8)]
    elif style.line == "crop":
        line = [(-width * 0.9, -52.0), (-width * 0.84, -92.0), (-width * 0.7, high + 8), (0.0, high)]
    elif style.line in ("receding", "mohawk"):
        top = -172.0 if style.line == "receding" else -150.0
        line = [(-width * 0.93, -64.0), (-width * 0.85, -120.0), (-width * 0.58, top), (0.0, top - 20)]
    else:
        sweep = 0.5 + 0.5 * abs(part) / 60
        line = [
            (-width * 0.95, -14.0),
            (-width * 0.84, -64.0),
            (lerp(-width, part, 0.55), -84 - 18 * sweep),
            middle,
        ]
    if low < 60:
        return [(-width * 0.975, low), *line]
    return [
        (-width + 20 - spread * 0.3 + 30 * min(1.0, low / 400), low - 4),
        (-width + 6, low * 0.75),
        (-width * 0.99 + 4, low * 0.4 + 20),
        (-width * 0.97, 44.0),
        *line,
    ]


def _cap(head: Head, style: HairStyle) -> tuple[list[Point], list[Point]]:
    """Outer and inner edge of the cap, both from left to right with the parting in the middle."""
    part = head.appearance.hair_parting * 78 if style.line == "parted" else 0.0
    half = _outer_half(head, style)
    outer = sample_curve(half, _STEPS)
    left = sample_curve(_inner_half(head, style, part), _STEPS)
    right = [(-u, v) for u, v in sample_curve(_inner_half(head, style, -part), _STEPS)]
    outer_right = [(-u, v) for u, v in outer]
    if style.texture == "curly":
        outer, outer_right = rippled(outer, -20, 3), [(-u, v) for u, v in rippled(outer, -20, 3)]
        left = rippled(left, 9, 3)
        right = [(-u, v) for u, v in rippled([(-u, v) for u, v in right], 9, 3)]
    elif style.texture == "wavy" and style.sides > 60:
        outer, outer_right = rippled(outer, -13, 4), [(-u, v) for u, v in rippled(outer, -13, 4)]
        left = rippled(left, -9, 4)
        right = [(-u, v) for u, v in rippled([(-u, v) for u, v in right], -9, 4)]
    return [*outer, *outer_right[-2::-1]], [*left, *right[-2::-1]]


def draw_front_hair(canvas: Canvas, head: Head) -> None:
    """Draw the cap of hair that frames the face, and what falls over or stands on it."""
    if head.appearance.headwear_style == "scarf":
        return
    style = style_of(head)
    if style.line == "bald":
        canvas.ellipse(head.hair((50 * head.pose.light_x, -165)), (60, 26), canvas.glow("#ffffff", 0.4))
        return
    outer, inner = _cap(head, style)
    shadow, body, _ = hair_tones(head.appearance.hair_color)
    if head.pose.yaw:
        _draw_temple(canvas, head, style, mix(body, shadow, 0.35))
    _drop_shadow(canvas, head, inner, style)
    outline = [head.hair(point) for point in (*outer, *inner[::-1])]
    low = style.sides > 60
    stops = [(0, scale_lightness(body, 1.12), 1), (0.45, body, 1), (1, mix(body, shadow, 0.75), 1)]
    opacity = 0.82 if style.texture == "short" and style.extra == "" else 1.0
    paint = canvas.linear(
        [(o, c, opacity) for o, c, _ in stops], (0.5 + 0.2 * head.pose.light_x, 0), (0.5, 1)
    )
    canvas.fill(closed(outline), paint)
    if style.texture == "curly":
        _draw_curls(canvas, head, outer, inner)
    elif style.texture == "straight" or low:
        _draw_strands(canvas, head, outer, inner)
    if style.fringe:
        FRINGES[style.fringe](canvas, head, style)
    if style.extra in EXTRAS:
        EXTRAS[style.extra](canvas, head, "before")


def _draw_temple(canvas: Canvas, head: Head, style: HairStyle, color: str) -> None:
    """Cover the side of the skull that a turn shows behind the cap, from the crown to the ear."""
    width, near = head.half_width, -1 if head.pose.yaw > 0 else 1
    low = min(style.sides, 20.0)
    side = [(-0.4, -196.0), (0.0, -207.0), (0.62, -174.0), (0.96, -82.0), (1.0, low), (1.0, low)]
    skull = [head.rim((near * u * width * 1.015, v)) for u, v in side]
    under_cap = [head.hair((near * u * width * 0.93, v + 12)) for u, v in side[:-2]]
    canvas.fill(closed([*skull, head.hair((near * width * 0.96, low)), *under_cap[::-1]], 0.8), color)


def _drop_shadow(canvas: Canvas, head: Head, inner: list[Point], style: HairStyle) -> None:
    """Shade the forehead under the hairline."""
    if style.texture == "short":
        return
    reach = [(u * 0.97, v) for u, v in inner if v < 60 and abs(u) < head.half_width]
    under = [(u * 0.94, v + 20) for u, v in reach]
    points = [head.hair(point) for point in (*reach, *under[::-1])]
    canvas.fill(closed(points), deeper(head.appearance.skin, 0.8), 0.3)


def _draw_strands(canvas: Canvas, head: Head, outer: list[Point], inner: list[Point]) -> None:
    """Draw locks that run from the parting to the tips, and a band of shine across them."""
    shadow, _, shine = hair_tones(head.appearance.hair_color)
    rows = ((0.12, 4, 0.4), (0.3, 6, 0.32), (0.5, 5, 0.42), (0.68, 7, 0.3), (0.86, 5, 0.45))
    end = len(outer)
    # Waves need every other point; smooth hair keeps its shape with fewer.
    pace = 2 if style_of(head).texture == "wavy" else 4
    for share, width, opacity in rows:
        row = [head.hair(between(a, b, share)) for a, b in zip(outer, inner, strict=True)]
        middle = end // 2
        jitter = 1 + round(share * 10) % 3
        canvas.stroke(smooth(row[jitter : middle - 1 : pace]), shadow, width, opacity)
        canvas.stroke(smooth(row[middle + 2 : end - jitter : pace]), shadow, width, opacity)
    light = head.pose.light_x
    for sign, start, stop in ((-1, 0.29, 0.43), (1, 0.57, 0.71)):
        strength = 0.34 + 0.3 * sign * light
        first, last = round(start * end), round(stop * end)
        for share, width in ((0.22, 13), (0.4, 17), (0.6, 11)):
            row = [head.hair(between(outer[i], inner[i], share)) for i in range(first, last, 2)]
            canvas.stroke(smooth(row), shine, width, max(0.06, strength * (0.75 if width < 15 else 1)))


def _draw_curls(canvas: Canvas, head: Head, outer: list[Point], inner: list[Point]) -> None:
    """Scatter curls over the cap: dark hollows and lit arcs."""
    shadow, body, shine = hair_tones(head.appearance.hair_color)
    position_rng = random.Random(3)
    for index in range(2, len(outer) - 2, 3):
        for share in (0.16, 0.5, 0.84):
            u, v = between(outer[index], inner[index], share + position_rng.uniform(-0.08, 0.08))
            size = position_rng.uniform(12, 19)
            turn = position_rng.choice((-1, 1))
            curl = [
                (-size, 4),
                (-size * 0.4, -size * 0.8),
                (size * 0.7, -size * 0.5),
                (size * 0.6, size * 0.6),
            ]
            placed = [head.hair((u + turn * a, v + b)) for a, b in curl]
            lit = position_rng.random() < 0.4 and v < 40
            canvas.stroke(smooth(placed), mix(shine, body, 0.3) if lit else shadow, 6.5, 0.5 if lit else 0.48)
