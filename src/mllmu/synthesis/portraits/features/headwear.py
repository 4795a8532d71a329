"""Hats, caps, scarves and what is worn in the hair."""

import math
from collections.abc import Callable

from mllmu.synthesis.portraits.canvas import Canvas, closed, smooth
from mllmu.synthesis.portraits.colors import scale_lightness
from mllmu.synthesis.portraits.geometry import Head, Point, mirrored

Wear = Callable[[Canvas, Head], None]


def draw_headwear(canvas: Canvas, head: Head) -> None:
    """Draw what the person wears on the head, if anything."""
    style = head.appearance.headwear_style
    if style != "none":
        _WEARS[style](canvas, head)


def _shape(canvas: Canvas, head: Head, points: list[Point], color: str) -> None:
    stops = [
        (0, scale_lightness(color, 1.14), 1.0),
        (0.5, color, 1.0),
        (1, scale_lightness(color, 0.74), 1.0),
    ]
    start, end = (0.5 + 0.4 * head.pose.light_x, 0.0), (0.5 - 0.4 * head.pose.light_x, 1.0)
    canvas.fill(closed([head.hair(p) for p in points]), canvas.linear(stops, start, end))


def _line(
    canvas: Canvas, head: Head, points: list[Point], color: str, width: float, opacity: float = 1.0
) -> None:
    canvas.stroke(smooth([head.hair(p) for p in points]), color, width, opacity)


def _beanie(canvas: Canvas, head: Head) -> None:
    color, width = head.appearance.headwear_color, head.half_width
    dome = [
        (0.0, -268.0),
        (-width * 0.62, -240.0),
        (-width * 1.04, -150.0),
        (-width * 1.08, -84.0),
        (0.0, -112.0),
    ]
    _shape(canvas, head, mirrored(dome), color)
    for share in (-0.6, -0.3, 0.0, 0.3, 0.6):
        rib = [(share * width * 1.2, -130.0), (share * width, -200.0), (share * width * 0.6, -248.0)]
        _line(canvas, head, rib, scale_lightness(color, 0.6), 5, 0.35)
    fold = [
        (0.0, -138.0),
        (-width * 0.6, -132.0),
        (-width * 1.1, -108.0),
        (-width * 1.08, -56.0),
        (-width * 0.6, -78.0),
        (0.0, -86.0),
    ]
    _shape(canvas, head, mirrored(fold), scale_lightness(color, 0.84))
    canvas.ellipse(head.hair((0, -278.0)), (34, 32), head.appearance.clothes_accent)


def _cap(canvas: Canvas, head: Head) -> None:
    color, width = head.appearance.headwear_color, head.half_width
    dome = [
        (0.0, -258.0),
        (-width * 0.66, -232.0),
        (-width * 1.04, -150.0),
        (-width * 1.06, -92.0),
        (0.0, -118.0),
    ]
    _shape(canvas, head, mirrored(dome), color)
    for sign in (-1, 1):
        _line(
            canvas,
            head,
            [(0, -256), (sign * 50, -210), (sign * 62, -124)],
            scale_lightness(color, 0.6),
            4,
            0.4,
        )
    brim = [
        (0.0, -140.0),
        (-width * 0.7, -128.0),
        (-width * 1.06, -92.0),
        (-width * 0.72, -72.0),
        (0.0, -66.0),
    ]
    placed = [head.face(p, 50) for p in mirrored(brim)]
    canvas.fill(closed(placed), scale_lightness(color, 0.76))
    canvas.ellipse(head.hair((0, -262.0)), (12, 9), scale_lightness(color, 0.7))


def _scarf(canvas: Canvas, head: Head) -> None:
    color, width, chin = head.appearance.headwear_color, head.half_width, head.chin
    outer = [
        (0.0, -250.0),
        (-width * 0.8, -210.0),
        (-width - 44, -70.0),
        (-width - 54, 90.0),
        (-width * 1.06, 250.0),
        (-width * 0.9, 350.0),
        (0.0, 380.0),
    ]
    inner = [
        (0.0, -128.0),
        (-width * 0.62, -112.0),
        (-width * 0.92, -40.0),
        (-width * 0.95, 60.0),
        (-width * 0.74, chin - 46),
        (-width * 0.36, chin - 6),
        (0.0, chin + 8),
    ]
    ring = closed([head.hair(p) for p in mirrored(outer)]) + closed(
        [head.rim(p) for p in mirrored(inner)][::-1]
    )
    stops = [
        (0, scale_lightness(color, 1.14), 1.0),
        (0.6, color, 1.0),
        (1, scale_lightness(color, 0.72), 1.0),
    ]
    canvas.fill(ring, canvas.linear(stops, (0.5 + 0.3 * head.pose.light_x, 0), (0.5, 1)))
    dark = scale_lightness(color, 0.55)
    for sign in (-1, 1):
        _line(
            canvas, head, [(sign * 20, -225), (sign * width, -110), (sign * (width + 26), 110)], dark, 6, 0.35
        )
        _line(canvas, head, [(sign * (width + 20), 150), (sign * 60, 268), (-sign * 40, 330)], dark, 6, 0.35)
    canvas.stroke(closed([head.rim(p) for p in mirrored(inner)]), dark, 5, 0.5)


def _hat(canvas: Canvas, head: Head) -> None:
    color, width = head.appearance.headwear_color, head.half_width
    crown = [
        (0.0, -292.0),
        (-width * 0.5, -306.0),
        (-width * 0.84, -262.0),
        (-width * 0.96, -140.0),
        (0.0, -122.0),
    ]
    _shape(canvas, head, mirrored(crown), color)
    band = [(0.0, -172.0), (-width * 0.93, -186.0), (-width * 0.97, -134.0), (0.0, -118.0)]
    canvas.fill(closed([head.hair(p) for p in mirrored(band)], 0.6), head.appearance.clothes_accent)
    brim = [
        (0.0, -146.0),
        (-width * 0.9, -154.0),
        (-width * 1.62, -126.0),
        (-width * 1.0, -100.0),
        (0.0, -92.0),
    ]
    canvas.fill(closed([head.hair(p) for p in mirrored(brim)]), scale_lightness(color, 0.82))


def _headband(canvas: Canvas, head: Head) -> None:
    color, width = head.appearance.headwear_color, head.half_width
    band = [
        (-width * 1.06, -70.0),
        (-width * 0.82, -158.0),
        (0.0, -196.0),
        (width * 0.82, -158.0),
        (width * 1.06, -70.0),
    ]
    _line(canvas, head, band, color, 34)
    _line(canvas, head, [(u * 0.99, v - 8) for u, v in band], scale_lightness(color, 1.3), 6, 0.6)


def _beret(canvas: Canvas, head: Head) -> None:
    color, width = head.appearance.headwear_color, head.half_width
    lean = 1 if head.appearance.hair_parting < 0 else -1
    points = [
        (-1.06, -112),
        (-1.2, -190),
        (-0.6, -262),
        (0.4, -282),
        (1.3, -236),
        (1.34, -150),
        (1.0, -104),
        (0, -140),
    ]
    _shape(canvas, head, [(lean * u * width, float(v)) for u, v in points], color)
    rim = [(-1.02, -98), (-0.6, -128), (0, -140), (0.6, -128), (1.02, -98)]
    _line(canvas, head, [(u * width, float(v)) for u, v in rim], scale_lightness(color, 0.66), 20)
    _line(canvas, head, [(0, -278), (8, -300)], scale_lightness(color, 0.7), 10)


def _flower(canvas: Canvas, head: Head) -> None:
    side = 1 if head.appearance.hair_parting < 0 else -1
    x, y = head.hair((side * head.half_width * 0.86, -126.0))
    color = head.appearance.headwear_color
    for step in range(6):
        angle = step * math.pi / 3
        petal = (x + 27 * math.cos(angle), y + 27 * math.sin(angle))
        canvas.ellipse(
            petal, (25, 19), scale_lightness(color, 1.0 if step % 2 else 1.18), 1.0, math.degrees(angle)
        )
    canvas.ellipse((x, y), (15, 15), "#f4c84a")


_WEARS: dict[str, Wear] = {
    "beanie": _beanie,
    "cap": _cap,
    "scarf": _scarf,
    "hat": _hat,
    "headband": _headband,
    "beret": _beret,
    "flower": _flower,
}
