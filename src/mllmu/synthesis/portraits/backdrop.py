"""Draw the background of a portrait: a colour and a motif or a scene, under a view's light."""

import math

from mllmu.synthesis.portraits.appearance import Appearance
from mllmu.synthesis.portraits.canvas import Canvas, closed, polygon, smooth
from mllmu.synthesis.portraits.colors import scale_lightness
from mllmu.synthesis.portraits.pose import Pose, seen_backdrop
from mllmu.synthesis.portraits.wardrobe import SCENES

# Far outside the square picture, so that frames of other shapes are filled as well.
_EVERYWHERE = "M-1000-1000H2000V2000H-1000Z"


def draw_background(canvas: Canvas, who: Appearance, pose: Pose) -> None:
    """Draw the backdrop."""
    backdrop = seen_backdrop(who, pose)
    base = scale_lightness(backdrop.color, 1 + pose.background_lightness)
    angle = math.radians(pose.background_angle)
    dx, dy = 500 * math.cos(angle), 500 * math.sin(angle)
    stops = [(0.0, scale_lightness(base, 1.13), 1.0), (1.0, scale_lightness(base, 0.87), 1.0)]
    gradient = canvas.linear(stops, (500 - dx, 500 - dy), (500 + dx, 500 + dy), "userSpaceOnUse")
    canvas.fill(_EVERYWHERE, gradient)
    if backdrop.pattern in SCENES:
        _draw_scene(canvas, backdrop.pattern, base, backdrop.accent)
    else:
        _draw_motif(canvas, backdrop.pattern, backdrop.accent)


def _draw_motif(canvas: Canvas, motif: str, color: str) -> None:
    soft = 0.5
    if motif == "halo":
        canvas.ellipse((500, 430), (410, 410), color, soft)
    elif motif == "arch":
        canvas.fill("M110 2000V480A390 390 0 0 1 890 480V2000Z", color, soft)
    elif motif == "dots":
        tile = f'<circle cx="45" cy="45" r="26" fill="{canvas.lit(color)}" fill-opacity="{soft}"/>'
        canvas.fill(_EVERYWHERE, canvas.pattern((125, 125), 45, tile))
    elif motif == "diagonal":
        for offset in range(-1200, 2000, 260):
            corners = [(offset, 2000), (offset + 110, 2000), (offset + 1310, -400), (offset + 1200, -400)]
            canvas.fill(polygon(corners), color, soft)
    elif motif == "bands":
        for top in range(-300, 1400, 230):
            canvas.fill(f"M-1000 {top}H2000V{top + 95}H-1000Z", color, soft)
    elif motif == "waves":
        for top in (120, 400, 680):
            crest = [(x, top + 46 * math.sin(x / 95)) for x in range(-300, 1301, 100)]
            canvas.stroke(smooth(crest), color, 58, soft)
    elif motif == "rays":
        for step in range(0, 360, 30):
            near, far = math.radians(step - 7), math.radians(step + 7)
            outer = [(500 + 1500 * math.cos(a), 430 + 1500 * math.sin(a)) for a in (near, far)]
            canvas.fill(polygon([(500, 430), *outer]), color, soft)
    elif motif == "split":
        canvas.fill("M500-1000H2000V2000H500Z", color, soft)
    elif motif == "blobs":
        for x, y, size in ((90, 160, 190), (900, 300, 230), (120, 700, 170), (760, 30, 120), (880, 720, 120)):
            around = [(1.0, 0.0), (0.55, 0.8), (-0.4, 0.95), (-1.05, 0.2), (-0.6, -0.8), (0.35, -0.95)]
            canvas.fill(closed([(x + size * a, y + size * b) for a, b in around]), color, soft)


def _draw_scene(canvas: Canvas, scene: str, base: str, accent: str) -> None:
    """Draw where the picture was taken: hills, a window, the lights of a town, the corner of a room."""
    if scene == "hills":
        for top, height, share in ((430, 70, 0.84), (560, 95, 0.68)):
            ridge = [(x, top + height * math.sin(x / 190 + top)) for x in range(-1000, 2001, 100)]
            canvas.fill(smooth(ridge) + "V2000H-1000Z", scale_lightness(base, share))
    elif scene == "window":
        canvas.fill("M560-80H1060V640H560Z", scale_lightness(base, 0.6))
        canvas.fill("M590-50H1030V610H590Z", accent, 0.9)
        canvas.fill("M797-50H823V610H797Z M590 270H1030V294H590Z", scale_lightness(base, 0.6))
    elif scene == "lights":
        canvas.fill(_EVERYWHERE, scale_lightness(base, 0.75))
        for step in range(34):
            x, y = step * 387 % 1900 - 450, step * 251 % 1090 - 60
            canvas.ellipse((x, y), (34 + step * 17 % 46,) * 2, accent if step % 3 else base, 0.3)
    elif scene == "corner":
        canvas.fill("M-1000-1000H300V2000H-1000Z", scale_lightness(base, 0.72))
        canvas.fill("M-1000 900L300 640L2000 800V2000H-1000Z", scale_lightness(base, 0.5))
