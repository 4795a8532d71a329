"""Buns, ponytails and braids, each with a part behind the head and a part before the shoulders."""

from collections.abc import Callable

from mllmu.synthesis.portraits.canvas import Canvas, closed, smooth
from mllmu.synthesis.portraits.colors import mix, scale_lightness
from mllmu.synthesis.portraits.geometry import Head, Point, sample_curve

Extra = Callable[[Canvas, Head, str], None]


def _ball(canvas: Canvas, head: Head, center: Point, size: float) -> None:
    color = head.appearance.hair_color
    x, y = head.back(center)
    stops = [(0, mix(color, "#fff0d8", 0.22), 1.0), (0.5, color, 1.0), (1, scale_lightness(color, 0.6), 1.0)]
    canvas.ellipse(
        (x, y), (size, size * 0.9), canvas.radial(stops, (0.5 + 0.15 * head.pose.light_x, 0.35), 0.65)
    )
    for bend in (-0.55, 0.0, 0.5):
        line = [
            (x - size * 0.7, y + size * bend * 0.7),
            (x, y + size * (bend - 0.22)),
            (x + size * 0.72, y + size * bend),
        ]
        canvas.stroke(smooth(line), scale_lightness(color, 0.5), 5, 0.45)


def _top_bun(canvas: Canvas, head: Head, layer: str) -> None:
    if layer == "behind":
        _ball(canvas, head, (0, -268.0), 74 * (0.75 + 0.3 * head.appearance.hair_volume))


def _low_bun(canvas: Canvas, head: Head, layer: str) -> None:
    if layer == "behind":
        _ball(canvas, head, (head.half_width * 0.82, 150.0), 70)


def _space_buns(canvas: Canvas, head: Head, layer: str) -> None:
    if layer == "behind":
        for sign in (-1, 1):
            _ball(canvas, head, (sign * head.half_width * 0.82, -212.0), 66)


def _ponytail(canvas: Canvas, head: Head, layer: str) -> None:
    if layer != "behind":
        return
    color, width = head.appearance.hair_color, head.half_width
    tail = [
        (40.0, -225.0),
        (width + 10, -230.0),
        (width + 84, -120.0),
        (width + 80, 60.0),
        (width + 70, 220.0),
        (width + 20, 300.0),
        (width + 24, 180.0),
        (width + 16, 20.0),
        (width - 20, -120.0),
    ]
    stops = [(0, color, 1.0), (1, scale_lightness(color, 0.62), 1.0)]
    canvas.fill(closed([head.back(p) for p in tail]), canvas.linear(stops, (0.3, 0), (0.6, 1)))
    for shift in (0.0, 26.0):
        line = [
            (width - 4 + shift, -180.0),
            (width + 44 + shift * 0.6, -60.0),
            (width + 38 + shift * 0.5, 180.0),
        ]
        canvas.stroke(smooth([head.back(p) for p in line]), scale_lightness(color, 0.5), 6, 0.45)


def _braids(canvas: Canvas, head: Head, layer: str) -> None:
    if layer != "before":
        return
    color = head.appearance.hair_color
    stops = [(0, mix(color, "#fff0d8", 0.2), 1.0), (0.6, color, 1.0), (1, scale_lightness(color, 0.6), 1.0)]
    for sign in (-1, 1):
        near = head.half_width + 4
        way = [(sign * near, 60.0), (sign * (near + 14), 200.0), (sign * near, 345.0), (sign * 146.0, 490.0)]
        links = sample_curve(way, 13)
        paint = canvas.radial(stops, (0.4, 0.3), 0.7)
        for number, link in enumerate(links):
            lean = 24 if number % 2 else -24
            x, y = head.hair(link)
            canvas.ellipse((x, y), (31 - number * 0.9, 26), paint, 1.0, lean)
        tip = head.hair((links[-1][0], links[-1][1] + 22))
        canvas.ellipse(tip, (17, 10), head.appearance.jewellery_color)


EXTRAS: dict[str, Extra] = {
    "top_bun": _top_bun,
    "low_bun": _low_bun,
    "space_buns": _space_buns,
    "ponytail": _ponytail,
    "braids": _braids,
}
"""Ways to draw tied-up hair, by name; the last argument is the layer, "behind" or "before"."""
