"""Draw a whole portrait as SVG, from the background to the hat."""

from mllmu.synthesis.portraits.appearance import Appearance
from mllmu.synthesis.portraits.backdrop import draw_background
from mllmu.synthesis.portraits.canvas import Canvas
from mllmu.synthesis.portraits.features.accessories import draw_earrings, draw_glasses, draw_necklace
from mllmu.synthesis.portraits.features.body import draw_clothes, draw_collar_back, draw_neck
from mllmu.synthesis.portraits.features.face import draw_ears, draw_face
from mllmu.synthesis.portraits.features.facial_features import draw_brows, draw_eyes, draw_mouth, draw_nose
from mllmu.synthesis.portraits.features.facial_hair import draw_facial_hair
from mllmu.synthesis.portraits.features.hair import draw_back_hair, draw_front_hair
from mllmu.synthesis.portraits.features.headwear import draw_headwear
from mllmu.synthesis.portraits.geometry import Head
from mllmu.synthesis.portraits.light import draw_shade
from mllmu.synthesis.portraits.pose import Pose

# Back to front: each part covers what was drawn before it.
_PARTS = (
    draw_back_hair,
    draw_collar_back,
    draw_neck,
    draw_necklace,
    draw_clothes,
    draw_ears,
    draw_face,
    draw_eyes,
    draw_nose,
    draw_facial_hair,
    draw_mouth,
    draw_brows,
    draw_front_hair,
    draw_earrings,
    draw_glasses,
    draw_headwear,
)

# How large the person stands in the frame, and how far down: a tall hat still fits above the head.
_CLOSENESS = 1.19
_DROP = 8.0


def placement(pose: Pose) -> tuple[float, float, float]:
    """Where the person stands in the frame: shift to the right and down, and size."""
    zoom = _CLOSENESS * pose.zoom
    return 500 * (1 - zoom) + pose.shift_x, 480 * (1 - zoom) + _DROP + pose.shift_y, zoom


def draw(appearance: Appearance, pose: Pose) -> str:
    """Draw a person in a pose as self-contained SVG text; the same inputs give the same text."""
    canvas = Canvas(pose)
    draw_background(canvas, appearance, pose)
    head = Head(appearance, pose)
    x, y, zoom = placement(pose)
    canvas.open_group(f"translate({x:.1f} {y:.1f}) scale({zoom:.4g})")
    for part in _PARTS:
        part(canvas, head)
    canvas.close_group()
    draw_shade(canvas, pose)
    return canvas.text()
