"""Eyes, brows, nose and mouth."""

import math
from collections.abc import Callable
from itertools import pairwise

from mllmu.synthesis.portraits.canvas import Canvas, closed, polygon, smooth
from mllmu.synthesis.portraits.colors import deeper, mix, scale_lightness
from mllmu.synthesis.portraits.geometry import Head, Point, between, lerp

Put = Callable[[list[Point]], list[Point]]


def draw_eyes(canvas: Canvas, head: Head) -> None:
    """Draw both eyes."""
    for side in (-1, 1):
        _draw_eye(canvas, head, side)


def _lid(half: float, height: float, tilt: float, steps: int = 13) -> list[Point]:
    """An eyelid's edge from the inner to the outer corner, around the middle of the eye."""
    points = []
    for step in range(steps):
        share = step / (steps - 1)
        u = lerp(-half, half, share)
        # The arc is fuller towards the nose above, which gives the eye its almond shape.
        arc = math.sin(math.pi * share**0.88) ** 0.82
        points.append((u, -height * arc - tilt * u))
    return points


def _draw_eye(canvas: Canvas, head: Head, side: int) -> None:
    who, pose = head.appearance, head.pose
    center_u, center_v = head.eye(side)
    half = 44.0 * who.eye_size
    squint = 1.0 - 0.22 * max(0.0, pose.smile) - 0.06 * pose.mouth_open
    height = 28.0 * who.eye_size * who.eye_openness * pose.eye_open * squint
    tilt = math.tan(math.radians(who.eye_tilt))

    def put(points: list[Point], lift: float = 0.0) -> list[Point]:
        return [head.face((center_u + side * u, center_v + v), lift) for u, v in points]

    upper, lower = (
        _lid(half, height, tilt),
        _lid(half, -height * 0.72 * (1 - 0.15 * max(0, pose.smile)), tilt),
    )
    skin = who.skin
    # The socket: a soft hollow around the eye, and make-up on the lid.
    socket = head.face((center_u, center_v - 6))
    canvas.ellipse(socket, (half * 1.5, 40), canvas.glow(deeper(skin, 0.6), 0.34))
    if who.eye_shadow:
        lid = put([(u * 1.06, v * 1.95 - 2) for u, v in upper]) + put(list(reversed(upper)))
        canvas.fill(closed(lid), mix(who.eye_shadow, skin, 0.25), 0.75)
    canvas.fill(polygon(put(upper) + put(lower[::-1])), "#fbf8f4")
    _draw_iris(canvas, head, put, upper, lower)
    crease = put([(u * 1.04, v * 1.5 - 5) for u, v in upper[1:]])
    canvas.stroke(smooth(crease), deeper(skin, 0.7), 3.6, 0.6)
    line = "#1d1413" if who.lashes > 0.4 else deeper(skin, 0.93)
    thick = lerp(5.5, 9.0, who.lashes)
    lid_line = [*upper[:-1], (half * (1 + 0.13 * who.lashes), upper[-1][1] - 7 * who.lashes)]
    body = put(lid_line) + put(
        [(u, v - thick * math.sin(math.pi * (i + 1) / 14)) for i, (u, v) in enumerate(upper)][::-1]
    )
    canvas.fill(polygon(body), line)
    canvas.stroke(smooth(put(upper)), line, 3.2)
    canvas.stroke(smooth(put(lower[3:])), deeper(skin, 0.75), 2.6, 0.7)
    if who.lashes > 0.4:
        for at in (7, 9, 11):
            root = upper[at]
            tip = (root[0] + 6 + at * 0.7, root[1] - 15 * who.lashes)
            canvas.stroke(smooth(put([root, between(root, tip, 0.5), tip], 3)), line, 3.4)


def _draw_iris(canvas: Canvas, head: Head, put: Put, upper: list[Point], lower: list[Point]) -> None:
    who, pose = head.appearance, head.pose
    radius = 22.5 * who.eye_size
    sidewise = 9.5 * pose.gaze_x
    # Gaze is in picture coordinates; the eye's own coordinates are mirrored on the left.
    mirror = 1 if put([(1.0, 0.0)])[0][0] > put([(0.0, 0.0)])[0][0] else -1
    middle = (mirror * sidewise, -1.0 + 5.0 * pose.gaze_y)

    def disc(size: float, shift: Point = (0.0, 0.0)) -> list[Point]:
        points = []
        steps = 22 if size > 8 else 10
        for step in range(steps):
            angle = 2 * math.pi * step / steps
            u = middle[0] + shift[0] + size * math.cos(angle)
            v = middle[1] + shift[1] + size * math.sin(angle)
            points.append((u, min(max(v, _height_at(upper, u)), _height_at(lower, u))))
        return points

    color = who.eye_color
    ring = [
        (0, scale_lightness(color, 1.55), 1),
        (0.55, color, 1),
        (0.86, scale_lightness(color, 0.7), 1),
        (1, scale_lightness(color, 0.4), 1),
    ]
    shadow = put([(u, v + 7) for u, v in upper]) + put(upper[::-1])
    canvas.fill(polygon(put(disc(radius))), canvas.radial(ring, (0.5, 0.62), 0.58))
    canvas.fill(polygon(put(disc(radius * 0.47))), "#0d0a0b")
    canvas.fill(polygon(shadow), "#2a1a1c", 0.28)
    glint = (-7.0 if pose.light_x < 0 else 7.0) * mirror
    canvas.fill(polygon(put(disc(radius * 0.27, (glint, -6)))), "#ffffff", 0.95)
    canvas.fill(polygon(put(disc(radius * 0.14, (-glint, 8)))), "#ffffff", 0.5)


def _height_at(lid: list[Point], u: float) -> float:
    if u <= lid[0][0]:
        return lid[0][1]
    for start, end in pairwise(lid):
        if u <= end[0]:
            return lerp(start[1], end[1], (u - start[0]) / (end[0] - start[0]))
    return lid[-1][1]


def draw_brows(canvas: Canvas, head: Head) -> None:
    """Draw both brows."""
    who, pose = head.appearance, head.pose
    for side in (-1, 1):
        center_u, center_v = head.eye(side)
        base = center_v - 47 - 13 * pose.brow_raise - 4 * who.eye_size
        arch, thick = 8 + 9 * who.brow_arch, 9.5 * who.brow_thickness
        slope = 6 * who.brow_tilt - 4 * min(0.0, pose.brow_raise)
        top = [(-43, 3 + slope), (-38, -5 + slope), (-8, -arch + 2), (18, -arch - 2), (50, 6 - slope)]
        under = [(16, -arch + thick), (-10, -arch + thick + 4), (-40, thick * 0.85 + 3 + slope)]
        points = [head.face((center_u + side * u, base + v), 6) for u, v in (*top, *under)]
        canvas.fill(closed(points, 0.9), who.brow_color, 0.93)


def draw_nose(canvas: Canvas, head: Head) -> None:
    """Draw the nose as light and shadow."""
    who, light = head.appearance, head.pose.light_x
    skin, width = who.skin, 30.0 * who.nose_width
    tip = head.nose_tip
    shade, side = deeper(skin, 0.62), (1.0 if light < 0 else -1.0)

    def put(u: float, v: float, lift: float) -> Point:
        return head.face((u, v), lift)

    bridge = [
        put(side * 13, -22, 4),
        put(side * 12, 30, 20),
        put(side * width * 0.55, tip - 22, 40),
        put(side * width, tip + 4, 18),
        put(side * width * 0.9, tip - 22, 12),
        put(side * 30, 22, 2),
    ]
    start, end = ((0.0, 0.5), (1.0, 0.5)) if side > 0 else ((1.0, 0.5), (0.0, 0.5))
    canvas.fill(closed(bridge), canvas.linear([(0, shade, 0.36), (1, shade, 0.0)], start, end))
    canvas.ellipse(put(0, tip + 14, 20), (width * 1.1, 13), canvas.glow(shade, 0.5))
    for sign in (-1, 1):
        hole = [put(sign * width * u, tip + v, 26) for u, v in ((0.3, 12), (0.62, 6), (0.78, 11), (0.5, 16))]
        canvas.fill(closed(hole), deeper(skin, 0.88), 0.8)
        wing = [
            put(sign * width * u, tip + v, 18) for u, v in ((0.86, -18), (1.13, -2), (1.04, 13), (0.8, 14))
        ]
        canvas.stroke(smooth(wing), shade, 4.4, 0.62)
    under = [put(-width * 0.32, tip + 13, 34), put(0, tip + 19, 40), put(width * 0.32, tip + 13, 34)]
    canvas.stroke(smooth(under), shade, 4.2, 0.55)
    canvas.ellipse(put(7 * light, tip - 10, 46), (13, 10), canvas.glow("#fffaf0", 0.6))
    canvas.ellipse(put(4 * light, 26, 22), (9, 44), canvas.glow("#fffaf0", 0.34))


def draw_mouth(canvas: Canvas, head: Head) -> None:
    """Draw lips, and teeth when the mouth is open."""
    who, pose = head.appearance, head.pose
    center = head.mouth
    half = 55.0 * who.mouth_width * (1 + 0.16 * pose.smile)
    lift, gap, full = 19.0 * pose.smile, 27.0 * pose.mouth_open, who.lip_fullness

    def line(share: float, sag: float) -> Point:
        """A point of the seam: the corners rise with a smile, the middle sags when open."""
        u = lerp(-half, half, share)
        bow = 1 - (u / half) ** 2
        return u, center - lift * (u / half) ** 2 * 0.9 + lift * 0.35 * bow + sag * bow**0.8

    shares = [step / 10 for step in range(11)]
    seam_top = [line(s, -gap * 0.25) for s in shares]
    seam_low = [line(s, gap) for s in shares]
    peaks = (0.0, 5.5, 9.0, 12.5, 15.0, 12.0, 15.0, 12.5, 9.0, 5.5, 0.0)
    lip_top = [
        (u, v - p * full * (1 - 0.25 * max(0, pose.smile))) for (u, v), p in zip(seam_top, peaks, strict=True)
    ]
    swell = [math.sin(math.pi * s) ** 0.75 for s in shares]
    lip_low = [
        (u, v + 19.0 * full * b * (1 - 0.2 * max(0, pose.smile)))
        for (u, v), b in zip(seam_low, swell, strict=True)
    ]

    def put(points: list[Point]) -> list[Point]:
        return [head.face(point, 10) for point in points]

    skin, lip = who.skin, who.lip_color
    below = put([(0.0, lip_low[5][1] + 13)])[0]
    canvas.ellipse(below, (half * 0.6, 13), canvas.glow(deeper(skin, 0.62), 0.5))
    if gap > 1:
        canvas.fill(closed(put(seam_top) + put(seam_low[::-1])), "#5a1820")
        teeth = [
            (u * 0.95, min(v + 1 + gap * 0.5, low[1] - 2))
            for (u, v), low in zip(seam_top, seam_low, strict=True)
        ]
        canvas.fill(polygon(put(seam_top[1:-1]) + put(teeth[1:-1][::-1])), "#fdfbf6")
    canvas.fill(closed(put(lip_top) + put(seam_top[::-1]), 0.8), scale_lightness(lip, 0.86))
    gloss = [(0, lip, 1), (0.45, mix(lip, "#ffffff", 0.16), 1), (1, scale_lightness(lip, 0.84), 1)]
    canvas.fill(closed(put(seam_low) + put(lip_low[::-1]), 0.8), canvas.linear(gloss, (0.5, 0), (0.5, 1)))
    dark = mix(deeper(skin, 0.9), "#4a1018", 0.5)
    canvas.stroke(smooth(put(seam_top)), dark, 4.6, 0.85)
    shine = put([(lip_low[5][0] + 12 * pose.light_x, lerp(seam_low[5][1], lip_low[5][1], 0.45))])[0]
    canvas.ellipse(shine, (17, 5), canvas.glow("#ffffff", 0.5))
    for at, sign in ((0, -1), (10, 1)):
        u, v = seam_top[at]
        dimple = [(u + sign * 3, v - 7), (u + sign * 8, v), (u + sign * 4, v + 7)]
        canvas.stroke(smooth(put(dimple)), deeper(skin, 0.65), 4, 0.2 + 0.4 * max(0.0, pose.smile))
        if pose.smile > 0.35:
            fold = [(sign * 48, v - 48), (sign * (half + 12), v - 22), (sign * (half + 17), v + 6)]
            canvas.stroke(smooth(put(fold)), deeper(skin, 0.6), 4, 0.45 * pose.smile)
