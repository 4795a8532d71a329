"""Hair over the forehead, and hair that stands up from it."""

from collections.abc import Callable

from mllmu.synthesis.portraits.canvas import Canvas, closed, smooth
from mllmu.synthesis.portraits.colors import deeper, mix, scale_lightness
from mllmu.synthesis.portraits.features.hair_styles import HairStyle
from mllmu.synthesis.portraits.geometry import Head, Point, between, lerp, rippled, sample_curve

Fringe = Callable[[Canvas, Head, HairStyle], None]


def _fill(canvas: Canvas, head: Head, points: list[Point]) -> None:
    color = head.appearance.hair_color
    stops = [(0, scale_lightness(color, 1.1), 1.0), (1, scale_lightness(color, 0.82), 1.0)]
    canvas.fill(closed([head.hair(p) for p in points], 0.9), canvas.linear(stops, (0.5, 0), (0.5, 1)))


def _locks(canvas: Canvas, head: Head, first: list[Point], last: list[Point], count: int) -> None:
    """Draw lines between two edges of a fringe, darker and lighter in turn."""
    color = head.appearance.hair_color
    for number in range(1, count):
        share = number / count
        line = [head.hair(between(a, b, share)) for a, b in zip(first, last, strict=True)]
        if number % 3 == 2:
            canvas.stroke(smooth(line[:-1]), mix(color, "#fff0d8", 0.35), 7, 0.35)
        else:
            canvas.stroke(smooth(line), scale_lightness(color, 0.55), 4.5, 0.45)


def _shadow(canvas: Canvas, head: Head, edge: list[Point]) -> None:
    """Shade the forehead below the lower edge of a fringe."""
    under = [(u * 0.98, v + 16) for u, v in edge]
    canvas.fill(closed([head.hair(p) for p in (*edge, *under[::-1])]), deeper(head.appearance.skin, 0.8), 0.3)


def _full(canvas: Canvas, head: Head, style: HairStyle) -> None:
    width, top = head.half_width, -196.0 - style.lift * 0.7
    edge = [
        (-width * 0.96, -26.0),
        (-width * 0.6, -44.0),
        (0, -50.0),
        (width * 0.6, -44.0),
        (width * 0.96, -26.0),
    ]
    fine = rippled(sample_curve(edge, 25), -7, 3)
    crown = [(width * 0.9, -120.0), (width * 0.34, top), (-width * 0.34, top), (-width * 0.9, -120.0)]
    _shadow(canvas, head, fine)
    _fill(canvas, head, [*fine, *crown])
    left = [(-width * 0.3, top + 12), (-width * 0.8, -120.0), (-width * 0.94, -34.0)]
    right = [(-u, v) for u, v in left]
    _locks(canvas, head, left, right, 12)


def _swept(canvas: Canvas, head: Head, style: HairStyle) -> None:
    width, side = head.half_width, 1.0 if head.appearance.hair_parting > 0 else -1.0
    part = (side * 70.0, -190.0 - style.lift * 0.6)
    upper = [part, (-side * 20, -178.0), (-side * width * 0.72, -130.0), (-side * width * 1.0, -20.0)]
    lower = [
        (side * 62.0, -132.0),
        (side * 10, -92.0),
        (-side * width * 0.5, -66.0),
        (-side * width * 0.98, -4.0),
    ]
    _shadow(canvas, head, sample_curve(lower, 9))
    _fill(canvas, head, [*sample_curve(upper, 9), *sample_curve(lower, 9)[::-1]])
    _locks(canvas, head, upper, lower, 7)


def _shag(canvas: Canvas, head: Head, style: HairStyle) -> None:
    width, top = head.half_width, -196.0 - style.lift * 0.6
    tips = [
        (-0.9, -20),
        (-0.74, -62),
        (-0.55, -38),
        (-0.34, -70),
        (-0.08, -46),
        (0.12, -78),
        (0.4, -44),
        (0.6, -74),
        (0.9, -22),
    ]
    edge = [(u * width, float(v)) for u, v in tips]
    _shadow(canvas, head, edge)
    _fill(
        canvas,
        head,
        [*edge, (width * 0.9, -120.0), (width * 0.3, top), (-width * 0.3, top), (-width * 0.9, -120.0)],
    )
    left = [(-width * 0.2, top + 12), (-width * 0.7, -130.0), (-width * 0.85, -40.0)]
    _locks(canvas, head, left, [(-u, v) for u, v in left], 9)


def _curls(canvas: Canvas, head: Head, style: HairStyle) -> None:
    color, width = head.appearance.hair_color, head.half_width
    for share, v, size in (
        (-0.66, -96, 30),
        (-0.36, -108, 34),
        (-0.04, -112, 36),
        (0.3, -106, 33),
        (0.62, -96, 30),
    ):
        x, y = head.hair((share * width, float(v)))
        canvas.ellipse((x, y + 10), (size, size * 0.9), deeper(head.appearance.skin, 0.8), 0.25)
        canvas.ellipse((x, y), (size, size * 0.9), color)
        ring = [
            (x - size * 0.5, y + size * 0.3),
            (x - size * 0.1, y - size * 0.5),
            (x + size * 0.5, y - size * 0.1),
        ]
        canvas.stroke(smooth(ring), mix(color, "#fff0d8", 0.3), 6, 0.5)
        canvas.stroke(smooth([(a, b + 14) for a, b in ring]), scale_lightness(color, 0.5), 5, 0.5)


def _quiff(canvas: Canvas, head: Head, style: HairStyle) -> None:
    width, volume, lean = head.half_width, head.appearance.hair_volume, head.appearance.hair_parting
    rise = -230.0 - 34 * volume
    upper = [
        (-width * 0.74, -126.0),
        (-width * 0.66, -196.0),
        (-20 + 50 * lean, rise),
        (width * 0.6, -206.0),
        (width * 0.74, -126.0),
    ]
    lower = [
        (-width * 0.7, -116.0),
        (-width * 0.4, -142.0),
        (0, -136.0),
        (width * 0.4, -142.0),
        (width * 0.7, -116.0),
    ]
    _fill(canvas, head, [*sample_curve(upper, 13), *sample_curve(lower, 9)[::-1]])
    for share in (-0.5, -0.25, 0.0, 0.25, 0.5):
        line = [
            (share * width, -140.0),
            (share * width * 0.8 + 12 * lean, -180.0),
            (share * width * 0.6 + 40 * lean, -222.0),
        ]
        canvas.stroke(
            smooth([head.hair(p) for p in line]), scale_lightness(head.appearance.hair_color, 0.58), 5, 0.5
        )


def _spikes(canvas: Canvas, head: Head, style: HairStyle) -> None:
    width, volume = head.half_width, head.appearance.hair_volume
    points: list[Point] = [(-width * 0.9, -110.0)]
    for number in range(7):
        u = lerp(-0.82, 0.82, number / 6) * width
        arch = 1 - (u / width) ** 2
        tip = (u * 1.14 + 10, -190.0 - 62 * volume * arch)
        points += [tip, tip, (u + width * 0.13, -168.0 - 30 * arch)]
    points += [(width * 0.9, -110.0), (width * 0.5, -128.0), (0.0, -118.0), (-width * 0.5, -128.0)]
    _fill(canvas, head, points)
    for number in range(7):
        u = lerp(-0.72, 0.72, number / 6) * width
        line = [(u, -134.0), (u * 1.08 + 6, -180.0), (u * 1.12 + 8, -205.0)]
        canvas.stroke(
            smooth([head.hair(p) for p in line]), scale_lightness(head.appearance.hair_color, 0.55), 5, 0.5
        )


def _mohawk(canvas: Canvas, head: Head, style: HairStyle) -> None:
    volume = head.appearance.hair_volume
    left = [
        (-48.0, -128.0),
        (-58.0, -190.0),
        (-66.0, -236.0 - 20 * volume),
        (-30.0, -262.0 - 34 * volume),
        (0.0, -276.0 - 36 * volume),
    ]
    outline = rippled(sample_curve(left, 13), 8, 3)
    _fill(canvas, head, [*outline, *((-u, v) for u, v in outline[::-1]), (0.0, -112.0)])
    first = [(-36.0, -140.0), (-44.0, -200.0), (-46.0, -250.0)]
    _locks(canvas, head, first, [(-u, v) for u, v in first], 7)


FRINGES: dict[str, Fringe] = {
    "full": _full,
    "swept": _swept,
    "shag": _shag,
    "curls": _curls,
    "quiff": _quiff,
    "spikes": _spikes,
    "mohawk": _mohawk,
}
"""Ways to draw a fringe, by name."""
