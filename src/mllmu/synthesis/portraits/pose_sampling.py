"""Draw views at random: another pose, expression, light, framing, garment and place."""

import math
import random
from dataclasses import dataclass

from mllmu.synthesis.portraits.pose import Pose
from mllmu.synthesis.portraits.wardrobe import sample_backdrop, sample_garment


@dataclass(frozen=True)
class _Expression:
    smile: float
    mouth_open: float
    brow_raise: float
    eye_open: float


def _expression(rng: random.Random) -> _Expression:
    mood = rng.choices(
        ("calm", "smiling", "laughing", "talking", "surprised", "stern", "eyes closed"),
        (3, 4, 4, 3, 2, 3, 1.5),
    )[0]
    low, high = rng.uniform(0.0, 0.3), rng.uniform(0.7, 1.0)
    return {
        "calm": _Expression(low, 0.0, rng.uniform(-0.3, 0.3), rng.uniform(0.8, 1.05)),
        "smiling": _Expression(high, 0.0, rng.uniform(0.0, 0.6), rng.uniform(0.75, 1.0)),
        "laughing": _Expression(high, high, rng.uniform(0.0, 1.0), rng.uniform(0.5, 0.9)),
        "talking": _Expression(low, rng.uniform(0.25, 0.7), rng.uniform(-0.2, 0.7), rng.uniform(0.85, 1.05)),
        "surprised": _Expression(-low, high, rng.uniform(0.9, 1.4), rng.uniform(1.1, 1.22)),
        "stern": _Expression(-high * 0.6, 0.0, -high, rng.uniform(0.55, 0.8)),
        "eyes closed": _Expression(rng.choice((low, high)), 0.0, rng.uniform(-0.2, 0.4), 0.04),
    }[mood]


def sample_pose(rng: random.Random) -> Pose:
    """Draw a random plausible view; clothes and background do not depend on the person."""
    face = _expression(rng)
    yaw = rng.choice((-1, 1)) * rng.uniform(6, 20)
    zoom = rng.uniform(0.94, 1.16)
    fall = rng.uniform(15, 165)
    return Pose(
        yaw=yaw,
        pitch=rng.uniform(-10, 10),
        roll=max(-9.0, min(9.0, rng.gauss(0, 4))),
        shoulder_tilt=rng.uniform(-6, 6),
        smile=face.smile,
        mouth_open=face.mouth_open,
        brow_raise=face.brow_raise,
        gaze_x=rng.uniform(-0.9, 0.9),
        gaze_y=rng.uniform(-0.4, 0.5),
        eye_open=face.eye_open,
        light_x=-math.cos(math.radians(fall)),
        shade=rng.uniform(0.06, 0.28),
        shade_angle=fall,
        warmth=rng.uniform(-0.8, 0.8),
        brightness=rng.uniform(0.88, 1.06),
        zoom=zoom,
        shift_x=rng.uniform(-70, 70),
        shift_y=rng.uniform(-40, 70),
        background_angle=rng.uniform(0, 360),
        background_lightness=rng.uniform(-0.08, 0.08),
        garment=sample_garment(rng),
        backdrop=sample_backdrop(rng),
    )
