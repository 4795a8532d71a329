"""Data class of what may differ between pictures of a person: pose, light, framing."""

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Pose:
    """Pose, expression, light, framing and background variant of one picture; nothing of it is identity.

    Angles are degrees: positive yaw turns the face to the picture's right, positive pitch looks up, positive
    roll leans the head clockwise. Shifts are in thousandths of the picture.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    smile: float = 0.22
    mouth_open: float = 0.0
    brow_raise: float = 0.0
    gaze_x: float = 0.0
    gaze_y: float = 0.0
    eye_open: float = 1.0
    light_x: float = -0.45
    warmth: float = 0.0
    brightness: float = 1.0
    zoom: float = 1.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    background_angle: float = 90.0
    background_lightness: float = 0.0


ORIGINAL_POSE = Pose()
"""Frontal and neutral: the picture of record."""


def sample_pose(rng: random.Random) -> Pose:
    """Draw a random plausible pose."""
    laughing = rng.random() < 0.4
    return Pose(
        yaw=rng.choice((-1, 1)) * rng.uniform(3, 24),
        pitch=rng.uniform(-9, 9),
        roll=rng.gauss(0, 4.5),
        smile=rng.uniform(0.45, 1.0) if laughing else rng.uniform(-0.25, 0.6),
        mouth_open=rng.uniform(0.3, 1.0) if laughing else rng.choice((0.0, 0.0, rng.uniform(0.1, 0.4))),
        brow_raise=rng.uniform(-0.7, 1.0),
        gaze_x=rng.uniform(-0.8, 0.8),
        gaze_y=rng.uniform(-0.4, 0.5),
        eye_open=rng.uniform(0.78, 1.08),
        light_x=rng.uniform(-1.0, 1.0),
        warmth=rng.uniform(-0.8, 1.0),
        brightness=rng.uniform(0.84, 1.06),
        zoom=rng.uniform(0.9, 1.1),
        shift_x=rng.uniform(-50, 50),
        shift_y=rng.uniform(-15, 35),
        background_angle=rng.uniform(0, 360),
        background_lightness=rng.uniform(-0.08, 0.08),
    )
