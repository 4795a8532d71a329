"""Glasses, earrings and necklaces."""

import math

from mllmu.synthesis.portraits.canvas import Canvas, closed, smooth
from mllmu.synthesis.portraits.colors import scale_lightness
from mllmu.synthesis.portraits.geometry import Head, Point

_LENSES: dict[str, list[Point]] = {
    # From the bridge over the top to the temple and back below, around the middle of the eye.
    "round": [(-56, 0), (-40, -42), (0, -58), (40, -42), (56, 0), (40, 42), (0, 58), (-40, 42)],
    "square": [(-56, -30), (-48, -40), (50, -42), (60, -32), (56, 34), (46, 44), (-42, 44), (-52, 34)],
    "half_rim": [(-56, -26), (-50, -34), (50, -38), (60, -28), (54, 26), (40, 38), (-38, 38), (-52, 24)],
    "cat_eye": [(-54, -8), (-44, -34), (10, -42), (72, -62), (64, -4), (44, 36), (0, 44), (-42, 34)],
    "aviator": [(-52, -34), (0, -46), (56, -40), (62, -6), (46, 40), (10, 58), (-28, 48), (-52, 6)],
    "sunglasses": [(-58, -34), (-48, -42), (54, -44), (64, -34), (58, 30), (40, 48), (-36, 46), (-54, 28)],
}


def draw_glasses(canvas: Canvas, head: Head) -> None:
    """Draw the person's glasses, if any."""
    who = head.appearance
    style, color = who.glasses_style, who.glasses_color
    if style == "none":
        return
    thick = {"aviator": 6.0, "round": 8.5, "half_rim": 7.0}.get(style, 12.0)
    for side in (-1, 1):
        center_u, center_v = head.eye(side)
        shape = [head.face((center_u + side * u, center_v + 4 + v), 22) for u, v in _LENSES[style]]
        lens = closed(shape, 0.8)
        if style in ("sunglasses", "aviator"):
            opacity = 0.9 if style == "sunglasses" else 0.4
            tint = scale_lightness(color, 0.5) if style == "aviator" else "#23212a"
            top = [(0, tint, opacity), (1, scale_lightness(tint, 1.6), opacity * 0.75)]
            canvas.fill(lens, canvas.linear(top, (0.5, 0), (0.5, 1)))
        else:
            canvas.fill(lens, "#ffffff", 0.1)
        if style == "half_rim":
            canvas.stroke(smooth([*shape[-1:], *shape[:5]], 0.8), color, 11)
            canvas.stroke(lens, color, 3)
        else:
            canvas.stroke(lens, color, thick)
        glare = [(-26, 14), (4, -30)] if head.pose.light_x < 0 else [(26, 14), (-4, -30)]
        placed = [head.face((center_u + u, center_v + v), 22) for u, v in glare]
        canvas.stroke(smooth(placed), "#ffffff", 9, 0.3)
        hinge = head.face((center_u + side * 60, center_v - 18), 18)
        end = head.ear((side * head.half_width * 1.0, 2))
        if side * (end[0] - hinge[0]) > 0:
            canvas.stroke(smooth([hinge, end]), color, thick * 0.85)
    inner = head.eye(1)[0] - 55
    bridge = [head.face((-inner, 2), 26), head.face((0, -8), 34), head.face((inner, 2), 26)]
    canvas.stroke(smooth(bridge), color, thick * 0.9)


def draw_earrings(canvas: Canvas, head: Head) -> None:
    """Draw the person's earrings, if any."""
    style, color = head.appearance.earring_style, head.appearance.jewellery_color
    if style == "none" or head.appearance.headwear_style == "scarf":
        return
    for sign in (-1, 1):
        if head.hides_ear(sign):
            continue
        x, y = head.ear((sign * (head.half_width + 6), 78 + 4 * head.appearance.ear_size))
        if style == "stud":
            canvas.ellipse((x, y), (9, 9), color)
            canvas.ellipse((x - 2, y - 3), (3.5, 3.5), "#ffffff", 0.8)
        elif style == "hoop":
            ring = [
                (x + 25 * math.sin(a), y + 26 - 28 * math.cos(a)) for a in (0, 1.05, 2.1, 3.14, 4.19, 5.24)
            ]
            canvas.stroke(closed(ring), color, 7.5)
            canvas.stroke(smooth(ring[3:5]), "#ffffff", 2.5, 0.7)
        else:
            canvas.stroke(smooth([(x, y), (x, y + 26)]), color, 5)
            gem = [(x, y + 20), (x, y + 20), (x + 15, y + 50), (x, y + 66), (x - 15, y + 50)]
            canvas.fill(closed(gem), color)
            canvas.ellipse((x - 4, y + 46), (3.5, 6), "#ffffff", 0.7)


def draw_necklace(canvas: Canvas, head: Head) -> None:
    """Draw the person's necklace, if any."""
    style, color = head.appearance.necklace_style, head.appearance.jewellery_color
    if style == "none":
        return
    low = 62.0 if style == "pendant" else 34.0

    def at(share: float) -> Point:
        return head.body((92.0 * share, 338.0 + (low + 12) * (1 - share * share)))

    if style == "pendant":
        canvas.stroke(smooth([at(share / 4) for share in range(-4, 5)]), color, 4.5)
        x, y = at(0)
        gem = [(x, y - 4), (x, y - 4), (x + 16, y + 20), (x, y + 38), (x - 16, y + 20)]
        canvas.fill(closed(gem), color)
        canvas.ellipse((x - 4, y + 16), (4, 7), "#ffffff", 0.7)
        return
    count, size = (8, 10.5) if style == "pearls" else (6, 15)
    bead = "#f6efe4" if style == "pearls" else color
    for number in range(-count, count + 1):
        x, y = at(number / count)
        canvas.ellipse((x, y), (size, size), bead)
        canvas.ellipse((x, y + size * 0.3), (size * 0.8, size * 0.6), scale_lightness(bead, 0.7), 0.35)
        canvas.ellipse((x - size * 0.3, y - size * 0.35), (size * 0.3, size * 0.25), "#ffffff", 0.85)
