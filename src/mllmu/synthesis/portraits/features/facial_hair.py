"""Beards and moustaches."""

from mllmu.synthesis.portraits.canvas import Canvas, closed, smooth
from mllmu.synthesis.portraits.colors import deeper, mix, scale_lightness
from mllmu.synthesis.portraits.features.face import outline
from mllmu.synthesis.portraits.geometry import Head, Point, lerp, mirrored, rippled, sample_curve


def draw_facial_hair(canvas: Canvas, head: Head) -> None:
    """Draw the person's beard; the mouth is drawn over it."""
    style = head.appearance.beard_style
    if style == "none":
        return
    if style in ("stubble", "full", "long", "chin_strap"):
        _draw_beard(canvas, head, style)
    if style == "goatee":
        _draw_goatee(canvas, head)
    if style in ("moustache", "full", "long", "goatee"):
        _draw_moustache(canvas, head)


def _draw_beard(canvas: Canvas, head: Head, style: str) -> None:
    width, mouth, color = head.half_width, head.mouth, head.appearance.beard_color
    jaw = [(u * 1.015, v) for u, v in outline(head)[3:]]
    drop = {"stubble": 0.0, "chin_strap": 6.0, "full": 26.0, "long": 96.0}[style]
    outer = [(u, v + drop * max(0.0, (v - 90) / 120)) for u, v in jaw]
    if style == "chin_strap":
        inner = [
            (0.0, head.chin - 26),
            (-width * 0.46, head.chin - 46),
            (-width * 0.8, 90.0),
            (-width * 0.9, 20.0),
        ]
    else:
        high = mouth - 36 if style != "stubble" else mouth - 26
        inner = [
            (0.0, mouth - 24),
            (-30.0, mouth - 28),
            (-width * 0.42, high + 6),
            (-width * 0.7, high - 24),
            (-width * 0.9, 16.0),
        ]
    edge = sample_curve(outer, 19)
    fine = rippled(edge, 7, 2) if style in ("full", "long") else edge
    shape = [head.rim(p) for p in fine]
    right = [head.rim((-u, v)) for u, v in fine[::-1]]
    inside = [head.face(p, 4) for p in mirrored(inner[::-1])]
    data = closed([*shape, *right, *inside[::-1]])
    if style == "stubble":
        canvas.fill(data, mix(color, deeper(head.appearance.skin, 0.6), 0.45), 0.3)
        return
    stops = [
        (0, scale_lightness(color, 0.95), 0.86),
        (0.5, color, 1.0),
        (1, scale_lightness(color, 0.72), 1.0),
    ]
    canvas.fill(data, canvas.linear(stops, (0.5, 0), (0.5, 1)))
    for share in (-0.62, -0.4, -0.2, 0.0, 0.2, 0.4, 0.62):
        start = mouth + 34 - 20 * abs(share)
        line = [
            (share * width, start),
            (share * width * 0.95, lerp(start, head.chin, 0.6)),
            (share * width * 0.85, head.chin - 6 + drop * 0.7 - 40 * share * share),
        ]
        if style != "chin_strap":
            canvas.stroke(smooth([head.rim(p) for p in line]), scale_lightness(color, 0.6), 5, 0.4)


def _draw_goatee(canvas: Canvas, head: Head) -> None:
    mouth, chin, color = head.mouth, head.chin, head.appearance.beard_color
    left: list[Point] = [
        (0.0, mouth + 20),
        (-44.0, mouth + 12),
        (-62.0, mouth - 6),
        (-64.0, mouth + 40),
        (-40.0, chin + 4),
        (0.0, chin + 16),
    ]
    stops = [(0, scale_lightness(color, 1.1), 0.9), (1, scale_lightness(color, 0.75), 1.0)]
    canvas.fill(closed([head.face(p, 6) for p in mirrored(left)]), canvas.linear(stops, (0.5, 0), (0.5, 1)))


def _draw_moustache(canvas: Canvas, head: Head) -> None:
    mouth, color = head.mouth, head.appearance.beard_color
    lift = 8 * head.pose.smile
    left: list[Point] = [
        (0.0, mouth - 30),
        (-26.0, mouth - 34),
        (-54.0, mouth - 16),
        (-74.0, mouth + 8 - lift),
        (-50.0, mouth - 2 - lift * 0.5),
        (-22.0, mouth - 10),
        (0.0, mouth - 13),
    ]
    canvas.fill(closed([head.face(p, 14) for p in mirrored(left)]), scale_lightness(color, 0.92))
    for sign in (-1, 1):
        line = [(sign * 8.0, mouth - 24), (sign * 36.0, mouth - 20), (sign * 62.0, mouth - 2 - lift)]
        canvas.stroke(smooth([head.face(p, 14) for p in line]), scale_lightness(color, 0.6), 4, 0.5)
