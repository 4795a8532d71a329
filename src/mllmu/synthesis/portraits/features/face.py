"""The bare face: outline, ears, light and shade, the marks of age and sun."""

import random

from mllmu.synthesis.portraits.canvas import Canvas, closed, smooth
from mllmu.synthesis.portraits.colors import deeper, luminance, mix
from mllmu.synthesis.portraits.geometry import Head, Point, lerp, mirrored


def outline(head: Head) -> list[Point]:
    """Left half of the face's outline in face coordinates, from the crown to the chin."""
    who, width, chin = head.appearance, head.half_width, head.chin
    jaw = lerp(0.62, 0.86, who.jaw)
    return [
        (0.0, -205.0),
        (-width * 0.62, -172.0),
        (-width * 0.96, -80.0),
        (-width * (0.985 + 0.02 * who.cheeks), 20.0),
        (-width * lerp(0.93, 0.97, who.cheeks), 80.0),
        (-width * jaw, chin * 0.7),
        (-width * lerp(0.3, 0.46, who.jaw), chin * lerp(0.925, 0.95, who.jaw)),
        (-width * lerp(0.1, 0.25, who.chin), chin * 0.992),
        (0.0, chin),
    ]


def draw_ears(canvas: Canvas, head: Head) -> None:
    """Draw both ears, behind the face."""
    skin, size = head.appearance.skin, head.appearance.ear_size
    for sign in (-1, 1):
        edge = head.half_width * 0.95
        shape = [(-50, -34), (14, -46), (32, -36), (33, -4), (23, 30), (8, 52), (-50, 44)]
        ear = [head.ear((sign * (edge + u * size), 30 + v * size)) for u, v in shape]
        canvas.fill(closed(ear), mix(skin, deeper(skin, 0.3), 0.45))
        inner = [(4, -24), (19, -26), (21, 0), (10, 20)]
        fold = [head.ear((sign * (edge + u * size), 30 + v * size)) for u, v in inner]
        canvas.stroke(smooth(fold), deeper(skin, 0.5), 6, 0.55)


def draw_face(canvas: Canvas, head: Head) -> None:
    """Draw the skin of the face with its light and shade."""
    who, light = head.appearance, head.pose.light_x
    skin = who.skin
    bright = mix(skin, "#fff2e0", 0.2)
    stops = [(0, bright, 1), (0.5, skin, 1), (0.82, deeper(skin, 0.13), 1), (1, deeper(skin, 0.3), 1)]
    face = closed([head.rim(point) for point in mirrored(outline(head))])
    canvas.fill(face, canvas.radial(stops, (0.5 + 0.16 * light, 0.42), 0.66))
    _draw_dark_side(canvas, head)
    for sign in (-1, 1):
        center = head.face((sign * head.half_width * 0.58, 82))
        rosy = mix(deeper(skin, 0.25), "#e4465a", 0.55)
        canvas.ellipse(center, (58, 44), canvas.glow(rosy, 0.16 + 0.3 * who.blush))
        shine = head.face((sign * head.half_width * 0.52 + 12 * light, 52))
        canvas.ellipse(shine, (34, 18), canvas.glow("#fff6e8", 0.22 + 0.12 * max(0.0, sign * light)))
    canvas.ellipse(head.face((24 * light, -100)), (86, 44), canvas.glow("#fff6e8", 0.24))
    canvas.ellipse(head.face((0, head.chin - 26)), (30, 15), canvas.glow("#fff6e8", 0.2))
    _draw_marks(canvas, head)


def _draw_dark_side(canvas: Canvas, head: Head) -> None:
    """Shade the side of the face that is turned from the light."""
    side = 1.0 if head.pose.light_x < 0 else -1.0
    strength = 0.12 + 0.26 * abs(head.pose.light_x)
    face = closed([head.rim(point) for point in mirrored(outline(head))])
    shade = deeper(head.appearance.skin, 0.75)
    start, end = ((0.0, 0.42), (1.0, 0.5)) if side > 0 else ((1.0, 0.42), (0.0, 0.5))
    stops = [(0.5, shade, 0.0), (0.78, shade, strength * 0.5), (1.0, shade, strength)]
    canvas.fill(face, canvas.linear(stops, start, end))


def _draw_marks(canvas: Canvas, head: Head) -> None:
    who = head.appearance
    dark = deeper(who.skin, 0.62)
    if who.freckles:
        # The places of freckles are the same for everybody who has them: their number is the personal part.
        position_rng = random.Random(7)
        for _ in range(round(46 * who.freckles)):
            sign = position_rng.choice((-1, 1))
            spot = (sign * abs(position_rng.gauss(58, 30)), position_rng.gauss(68, 20))
            canvas.ellipse(head.face(spot), (position_rng.uniform(2.2, 4.2),) * 2, dark, 0.5)
    for spot in who.moles:
        canvas.ellipse(head.face(spot), (6.0, 5.6), mix(dark, "#2a1712", 0.6))
    if who.wrinkles > 0.08:
        _draw_wrinkles(canvas, head, dark)


def _draw_wrinkles(canvas: Canvas, head: Head, dark: str) -> None:
    amount = head.appearance.wrinkles
    strength = (0.16 + 0.42 * amount) * (0.8 if luminance(head.appearance.skin) < 0.4 else 1.0)

    def crease(points: list[Point], width: float) -> None:
        canvas.stroke(smooth([head.face(point) for point in points]), dark, width, strength)

    for sign in (-1, 1):
        crease([(sign * 44, 92), (sign * 62, 116), (sign * 66, 142)], 5)
        eye_u, eye_v = head.eye(1)
        crease(
            [
                (sign * (eye_u - 26), eye_v + 34),
                (sign * eye_u, eye_v + 44),
                (sign * (eye_u + 26), eye_v + 36),
            ],
            4,
        )
        if amount > 0.35:
            for rise in (-12, 2, 16):
                crease([(sign * (eye_u + 46), eye_v + rise * 0.5), (sign * (eye_u + 64), eye_v + rise)], 3)
    for row in range(round(3 * amount)):
        v = -92.0 - 22 * row
        crease([(-58, v + 4), (-20, v), (20, v), (58, v + 4)], 4)
