"""Neck, shoulders and clothes."""

from collections.abc import Sequence

from mllmu.synthesis.portraits.canvas import Canvas, closed, polygon, smooth
from mllmu.synthesis.portraits.colors import deeper, luminance, scale_lightness
from mllmu.synthesis.portraits.geometry import Head, Point, mirrored

_DOWN = 1700.0  # far below the picture: clothes fill frames of any height
_NECK_HALF = 70.0


def _fit(head: Head) -> float:
    return head.appearance.body_width


def _placed(head: Head, points: Sequence[Point]) -> list[Point]:
    return [head.body(point) for point in points]


def draw_collar_back(canvas: Canvas, head: Head) -> None:
    """Draw the far side of a collar or hood, which the neck hides in part."""
    if head.garment.style not in ("shirt", "suit", "polo", "hoodie"):
        return
    color = {"suit": "#f4f3f0", "polo": head.garment.accent}.get(head.garment.style, head.garment.color)
    half = 112.0 if head.garment.style == "hoodie" else 84.0
    band = [(0.0, 246.0), (-half * 0.8, 252.0), (-half, 292.0), (-half, 360.0), (0.0, 380.0)]
    canvas.fill(closed(_placed(head, mirrored(band))), scale_lightness(color, 0.62))


def draw_neck(canvas: Canvas, head: Head) -> None:
    """Draw the neck, the skin down to the chest and the shadow of the chin."""
    skin = head.appearance.skin
    half = _NECK_HALF * (0.86 + 0.16 * head.appearance.jaw) * _fit(head)
    left = [
        (-half, 90.0),
        (-half, 240.0),
        (-half - 4, 294.0),
        (-half - 32, 327.0),
        (-half - 44, 362.0),
        (-half - 50, 520.0),
    ]
    side = canvas.linear(
        [(0, deeper(skin, 0.26), 1), (0.42, deeper(skin, 0.08), 1), (1, deeper(skin, 0.3), 1)],
        (0.2, 0),
        (0.8, 0),
    )
    canvas.fill(closed(_placed(head, mirrored(left))), side)
    chin = head.chin
    # The shadow hangs under the jaw, so its lower edge follows the chin as the head turns.
    lower = ((-0.98, chin - 50), (-0.96, chin - 6), (-0.5, chin + 32), (0.0, chin + 46), (0.5, chin + 32))
    hanging = [head.rim((u * half, v)) for u, v in (*lower, (0.96, chin - 6), (0.98, chin - 50))]
    left_edge, right_edge = head.body((-half, 0))[0] + 1, head.body((half, 0))[0] - 1
    edge = [(min(max(x, left_edge), right_edge), y) for x, y in hanging]
    canvas.fill(closed(edge), deeper(skin, 0.62), 0.5)
    for sign in (-1, 1):
        bone = [(sign * 16.0, 352.0), (sign * 70.0, 338.0), (sign * 120.0, 344.0)]
        canvas.stroke(smooth(_placed(head, bone)), deeper(skin, 0.5), 5, 0.35)


def _torso(fit: float, opening: list[Point]) -> list[Point]:
    """Left half of a garment's outline from the middle of the neck opening to the hem."""
    shoulder = [(-175.0 * fit, 362.0), (-275.0 * fit, 405.0), (-345.0 * fit, 480.0), (-385.0 * fit, 640.0)]
    return [*opening, *shoulder, (-400.0 * fit, _DOWN), (-400.0 * fit, _DOWN)]


_OPENINGS: dict[str, list[Point]] = {
    "crew_neck": [(0, 392), (-42, 385), (-80, 358), (-97, 324), (-97, 324)],
    "v_neck": [(0, 478), (0, 478), (-54, 398), (-96, 328), (-96, 328)],
    "shirt": [(0, 420), (0, 420), (-60, 372), (-88, 318), (-88, 318)],
    "suit": [(0, 420), (0, 420), (-60, 372), (-88, 318), (-88, 318)],
    "turtleneck": [(0, 330), (-60, 330), (-88, 326), (-88, 326)],
    "hoodie": [(0, 400), (-50, 384), (-100, 322), (-100, 322)],
    "cardigan": [(0, 440), (-54, 414), (-98, 330), (-98, 330)],
    "polo": [(0, 432), (0, 432), (-44, 380), (-88, 320), (-88, 320)],
    "overalls": [(0, 392), (-42, 385), (-80, 358), (-97, 324), (-97, 324)],
}


def _cloth(canvas: Canvas, head: Head) -> str:
    """Paint of the garment: its colour, or the motif of its pattern."""
    accent = canvas.lit(head.garment.accent)

    def tile(width: float, height: float, marks: str, angle: float = 0.0) -> str:
        return canvas.pattern((width, height), angle, marks.replace("@", f'fill="{accent}"'))

    pattern = head.garment.pattern
    if pattern == "stripes":
        return tile(1500, 78, '<path d="M0 22H1500V56H0Z" @/>')
    if pattern == "bars":
        return tile(84, 2000, '<path d="M27 0H57V2000H27Z" @/>')
    if pattern == "diagonal":
        return tile(90, 3000, '<path d="M26 0H64V3000H26Z" @/>', 40)
    if pattern == "dots":
        return tile(84, 84, '<circle cx="42" cy="42" r="22" @/>', 30)
    if pattern == "checks":
        return tile(92, 92, '<path d="M17 17H75V75H17Z" @/>', 45)
    if pattern == "zigzag":
        teeth = "".join(f"L{x} {10 if x % 120 else 54}" for x in range(60, 1501, 60))
        back = "".join(f"L{x} {42 if x % 120 else 86}" for x in range(1500, -1, -60))
        return tile(1500, 96, f'<path d="M0 54{teeth}{back}Z" @/>')
    return canvas.linear(
        [(0, scale_lightness(head.garment.color, 1.08), 1), (1, scale_lightness(head.garment.color, 0.8), 1)],
        (500, 740),
        (500, 1050),
        "userSpaceOnUse",
    )


def draw_clothes(canvas: Canvas, head: Head) -> None:
    """Draw the garment over the shoulders."""
    fit = _fit(head)
    outline = closed(_placed(head, mirrored(_torso(fit, _OPENINGS[head.garment.style]))), 0.8)
    if head.garment.pattern not in ("plain", "block"):
        # A motif leaves its ground open: tiles that carried the ground would show a seam at their edges.
        canvas.fill(outline, head.garment.color)
    canvas.fill(outline, _cloth(canvas, head))
    if head.garment.pattern == "block":
        side = [(296.0, 428.0), (345.0, 480.0), (385.0, 640.0), (400.0, _DOWN)]
        lower = mirrored([(-u * fit, v) for u, v in side])
        canvas.fill(polygon(_placed(head, lower)), head.garment.accent)
    _draw_folds(canvas, head)
    _draw_collar(canvas, head)


def _draw_folds(canvas: Canvas, head: Head) -> None:
    """Shade the side away from the light, the armpits and the folds."""
    fit, light = _fit(head), head.pose.light_x
    dark = scale_lightness(head.garment.color, 0.45)
    for sign in (-1, 1):
        weight = 0.3 + 0.2 * max(0.0, -light * sign)
        arm = [(sign * 262.0 * fit, 600.0), (sign * 250.0 * fit, 545.0), (sign * 268.0 * fit, 500.0)]
        canvas.stroke(smooth(_placed(head, arm)), dark, 7, 0.5)
        outer = [(sign * x * fit, y) for x, y in ((262, 640), (252, 545), (290, 425), (345, 480), (390, 660))]
        fade = canvas.linear(
            [(0, dark, 0.0), (1, dark, weight)], (0.5 - 0.5 * sign, 0.3), (0.5 + 0.5 * sign, 0.6)
        )
        canvas.fill(closed(_placed(head, outer)), fade)
        fold = [(sign * 150.0 * fit, 400.0), (sign * 170.0 * fit, 440.0), (sign * 160.0 * fit, 490.0)]
        canvas.stroke(smooth(_placed(head, fold)), dark, 5, 0.22)


def _draw_collar(canvas: Canvas, head: Head) -> None:
    style, color, accent = head.garment.style, head.garment.color, head.garment.accent
    rib = scale_lightness(color, 0.78)
    opening = _OPENINGS[style]
    edge = [*reversed(opening), *((-u, v) for u, v in opening[1:])]

    def both(points: list[Point], paint: str, opacity: float = 1.0) -> None:
        for sign in (-1, 1):
            canvas.fill(closed(_placed(head, [(sign * u, v) for u, v in points]), 0.4), paint, opacity)

    def line(points: list[Point], paint: str, width: float, opacity: float = 1.0) -> None:
        canvas.stroke(smooth(_placed(head, points)), paint, width, opacity)

    if style in ("crew_neck", "v_neck"):
        line(edge, rib, 17)
        line(edge, scale_lightness(color, 0.55), 3, 0.6)
    elif style == "turtleneck":
        roll = [(-84.0, 232.0), (-92.0, 290.0), (-104.0, 344.0), (0.0, 366.0)]
        shade = [(0, rib, 1), (0.45, scale_lightness(color, 1.12), 1), (1, rib, 1)]
        canvas.fill(closed(_placed(head, mirrored(roll))), canvas.linear(shade, (0, 0), (1, 0)))
        line([(-88, 258), (0, 278), (88, 258)], scale_lightness(color, 0.6), 4, 0.45)
    elif style == "hoodie":
        both([(-74, 250), (-128, 300), (-150, 370), (-80, 420), (0, 436), (-40, 396), (-86, 340)], rib)
        for sign in (-1, 1):
            line([(sign * 34.0, 424.0), (sign * 40.0, 500.0), (sign * 36.0, 560.0)], accent, 9)
    elif style == "cardigan":
        both(
            [(0, 440), (0, 440), (-54, 414), (-98, 330), (-122, 330), (-84, 430), (0, 478), (0, 478)], accent
        )
        line([(0, 460), (0, 700)], rib, 8)
        for v in (500.0, 560.0):
            canvas.ellipse(head.body((16, v)), (9, 9), accent)
    elif style == "overalls":
        for sign in (-1, 1):
            strap = [
                (sign * 118.0, 340.0),
                (sign * 156.0, 352.0),
                (sign * 138.0, 560.0),
                (sign * 96.0, 560.0),
            ]
            canvas.fill(polygon(_placed(head, strap)), accent)
        bib = [(-150.0, 520.0), (-150.0, 520.0), (-170.0, _DOWN), (-170.0, _DOWN)]
        canvas.fill(closed(_placed(head, mirrored(bib))), accent)
        for sign in (-1, 1):
            canvas.ellipse(head.body((sign * 118.0, 535.0)), (13, 13), "#e9c35a")
    else:
        _draw_shirt_collar(canvas, head)


def _draw_shirt_collar(canvas: Canvas, head: Head) -> None:
    style, color, accent = head.garment.style, head.garment.color, head.garment.accent
    leaf: list[Point] = [(-76, 262), (-100, 306), (-112, 372), (-58, 432), (-58, 432), (0, 420), (-52, 364)]
    collar = color
    if style == "suit":
        collar = "#f4f3f0"
        front: list[Point] = [(0, 414), (-60, 372), (-92, 320), (-120, 350), (-60, 520), (0, 640)]
        canvas.fill(closed(_placed(head, mirrored(front)), 0.2), collar)
        tie: list[Point] = [(0, 420), (-22, 424), (-17, 462), (-34, 700), (0, 720)]
        canvas.fill(polygon(_placed(head, mirrored(tie))), accent)
        canvas.stroke(
            smooth(_placed(head, [(-18, 462), (0, 468), (18, 462)])), scale_lightness(accent, 0.6), 4, 0.6
        )
        for sign in (-1, 1):
            lapel = [
                (sign * u, v) for u, v in ((-92, 318), (-136, 372), (-168, 452), (-118, 462), (-24, 640))
            ]
            canvas.fill(polygon(_placed(head, lapel)), scale_lightness(color, 0.86))
            canvas.stroke(smooth(_placed(head, lapel[1:]), 0.2), scale_lightness(color, 0.5), 4, 0.7)
    else:
        canvas.stroke(smooth(_placed(head, [(0, 420), (0, 720)])), scale_lightness(color, 0.6), 5, 0.7)
        for v in (470.0, 540.0):
            canvas.ellipse(head.body((0, v)), (8, 8), accent if luminance(accent) > 0.5 else "#f2efe8")
    lift = 1.12 if style != "polo" else 0.8
    leaf_paint = collar if style == "suit" else (accent if style == "polo" else scale_lightness(color, lift))
    for sign in (-1, 1):
        placed = _placed(head, [(sign * u, v) for u, v in leaf])
        canvas.fill(closed(placed, 0.4), leaf_paint)
        canvas.stroke(closed(placed, 0.4), scale_lightness(leaf_paint, 0.55), 3.5, 0.45)
