"""Data class of what may differ between pictures of a person: pose, light, framing, clothes, background."""

from dataclasses import dataclass, replace

from mllmu.synthesis.portraits.appearance import Appearance
from mllmu.synthesis.portraits.wardrobe import Backdrop, Garment


@dataclass(frozen=True)
class Pose:
    """Pose, expression, light, framing, clothes and background of one picture; nothing of it is identity.

    Angles are degrees: positive yaw turns the face to the picture's right, positive pitch looks up, positive
    roll leans the head clockwise. Shifts are in thousandths of the picture.

    Attributes:
        light_x: how far from the picture's left (-1) or right (1) the light falls on the face.
        shade: how dark the picture becomes towards the side away from the light, 0 to 1.
        shade_angle: the direction in which it becomes darker; 0 is to the picture's right, 90 down.
        warmth: colour of the light, from about -2 (blue) to 2 (orange).
        garment: what is worn; without one, the person's own clothes.
        backdrop: what is behind the person; without one, the person's own background.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    shoulder_tilt: float = 0.0
    smile: float = 0.22
    mouth_open: float = 0.0
    brow_raise: float = 0.0
    gaze_x: float = 0.0
    gaze_y: float = 0.0
    eye_open: float = 1.0
    light_x: float = -0.45
    shade: float = 0.0
    shade_angle: float = 0.0
    warmth: float = 0.0
    brightness: float = 1.0
    zoom: float = 1.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    background_angle: float = 90.0
    background_lightness: float = 0.0
    garment: Garment | None = None
    backdrop: Backdrop | None = None


ORIGINAL_POSE = Pose()
"""Frontal and neutral, in the person's own clothes: the picture of record."""


def seen_garment(appearance: Appearance, pose: Pose) -> Garment:
    """What a person wears in a picture."""
    return pose.garment or Garment(
        style=appearance.clothes_style,
        color=appearance.clothes_color,
        accent=appearance.clothes_accent,
        pattern=appearance.clothes_pattern,
    )


def seen_backdrop(appearance: Appearance, pose: Pose) -> Backdrop:
    """What is behind a person in a picture."""
    return pose.backdrop or Backdrop(
        color=appearance.background_color,
        accent=appearance.background_accent,
        pattern=appearance.background_pattern,
    )


def as_seen(appearance: Appearance, pose: Pose) -> Appearance:
    """The appearance with the clothes and the background of a picture: what a description of it must say."""
    garment, backdrop = seen_garment(appearance, pose), seen_backdrop(appearance, pose)
    return replace(
        appearance,
        clothes_style=garment.style,
        clothes_color=garment.color,
        clothes_accent=garment.accent,
        clothes_pattern=garment.pattern,
        background_color=backdrop.color,
        background_accent=backdrop.accent,
        background_pattern=backdrop.pattern,
    )
