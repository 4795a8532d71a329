"""Draw the background of a portrait: the person's colour and motif, under a view's light."""

import math

from mllmu.synthesis.portraits.appearance import Appearance
from mllmu.synthesis.portraits.canvas import Canvas, closed, polygon, smooth
from mllmu.synthesis.portraits.colors import scale_lightness
from mllmu.synthesis.portraits.pose import Pose

# Far outside the square picture, so that frames of other shapes are filled as well.
_EVERYWHERE = "M-1000-1000H2000V2000H-1000Z"


def draw_background(canvas: Canvas, who: Appearance, pose: Pose) -> None:
    """Draw the backdrop."""
    base = scale_lightness(who.background_color, 1 + pose.background_lightness)
    angle = math.radians(pose.background_angle)
    dx, dy = 500 * math.cos(angle), 500 * math.sin(angle)
    stops = [(0.0, scale_lightness(base, 1.13), 1.0), (1.0, scale_lightness(base, 0.87), 1.0)]
    gradient = canvas.linear(stops, (500 - dx, 500 - dy), (500 + dx, 500 + dy), "userSpaceOnUse")
    canvas.fill(_EVERYWHERE, gradient)
    _draw_motif(canvas, who.background_pattern, who.background_accent)


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
