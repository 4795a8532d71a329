"""Light that falls over the whole picture from one side."""

import math

from mllmu.synthesis.portraits.canvas import Canvas
from mllmu.synthesis.portraits.colors import mix
from mllmu.synthesis.portraits.pose import Pose

_PICTURE = "M-1000-1000H2000V2000H-1000Z"


def draw_shade(canvas: Canvas, pose: Pose) -> None:
    """Darken the picture evenly towards the side away from the light; shadows have the opposite hue."""
    if pose.shade <= 0:
        return
    angle = math.radians(pose.shade_angle)
    dx, dy = 560 * math.cos(angle), 560 * math.sin(angle)
    dark = mix("#1c1a24", "#101d3a" if pose.warmth > 0 else "#3a1c10", min(1.0, abs(pose.warmth) / 2))
    # Many stops, because an abrupt beginning of the shade would show as a line.
    stops = [(at / 8, dark, pose.shade * (at / 8) ** 1.5) for at in range(9)]
    paint = canvas.linear(stops, (500 - dx, 500 - dy), (500 + dx, 500 + dy), "userSpaceOnUse")
    canvas.fill(_PICTURE, paint)
