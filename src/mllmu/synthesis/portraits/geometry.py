"""Project face coordinates to picture coordinates, with the head as an ellipsoid that turns.

Face coordinates have their origin at the middle of the head (between the eyes), u to the picture's right and
v down, in thousandths of a picture at zoom 1. A point's depth says how far in front of the turning axis it
lies; a turn shifts it in proportion, which is what makes the nose overtake the cheeks.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from mllmu.synthesis.portraits.appearance import Appearance
from mllmu.synthesis.portraits.pose import Pose, seen_garment
from mllmu.synthesis.portraits.wardrobe import Garment

Point = tuple[float, float]

CENTER: Point = (500.0, 430.0)
NECK_V = 235.0  # the point about which the head leans
BODY_RISE = -40.0


def lerp(first: float, second: float, share: float) -> float:
    """Go from ``first`` (share 0) to ``second`` (share 1)."""
    return first + (second - first) * share


def between(first: Point, second: Point, share: float) -> Point:
    """The point on the line from ``first`` (share 0) to ``second`` (share 1)."""
    return lerp(first[0], second[0], share), lerp(first[1], second[1], share)


def mirrored(points: Sequence[Point]) -> list[Point]:
    """The points and then, in reverse, their mirror images at u = 0: a closed symmetric outline."""
    return [*points, *((-u, v) for u, v in reversed(points) if u != 0)]


@dataclass(frozen=True)
class Head:
    """Projects points of a person's head to the picture of one view."""

    appearance: Appearance
    pose: Pose

    @cached_property
    def garment(self) -> Garment:
        """What the person wears in this view: their own clothes, or those of the day."""
        return seen_garment(self.appearance, self.pose)

    @cached_property
    def half_width(self) -> float:
        """Half the width of the face at the cheekbones."""
        return 152.0 * self.appearance.face_width

    @cached_property
    def chin(self) -> float:
        """Where the chin ends (v)."""
        return 212.0 * self.appearance.face_length + 6 * self.pose.mouth_open

    @cached_property
    def nose_tip(self) -> float:
        """How far down the nose reaches (v)."""
        return 96.0 * lerp(0.6, 1.0, self.appearance.nose_length)

    @cached_property
    def mouth(self) -> float:
        """Where the lips meet (v)."""
        return lerp(self.nose_tip, self.chin, 0.40)

    @cached_property
    def _turn(self) -> tuple[float, float, float]:
        yaw, pitch = math.radians(self.pose.yaw), math.radians(self.pose.pitch)
        return math.sin(yaw), math.cos(yaw), math.sin(pitch)

    @cached_property
    def _lean(self) -> tuple[float, float]:
        roll = math.radians(self.pose.roll)
        return math.cos(roll), math.sin(roll)

    def project(self, point: Point, depth: float, flatten: float = 0.0) -> Point:
        """Picture position of a point at ``depth``; ``flatten`` (0..1) is how much a turn narrows it."""
        u, v = point
        sine, cosine, nod = self._turn
        # Below the neck things hang on the body, which turns and leans far less than the head.
        follow = 1.0 - 0.8 * max(0.0, min(1.0, (v - 200.0) / 200.0))
        x = u * (1.0 + (cosine - 1.0) * flatten) + depth * sine * follow
        y = v - depth * nod * follow
        lean_cosine, lean_sine = self._lean
        if follow < 1.0:
            angle = math.radians(self.pose.roll) * follow
            lean_cosine, lean_sine = math.cos(angle), math.sin(angle)
        y -= NECK_V
        return (
            CENTER[0] + x * lean_cosine - y * lean_sine,
            CENTER[1] + NECK_V + x * lean_sine + y * lean_cosine,
        )

    def face(self, point: Point, lift: float = 0.0) -> Point:
        """Picture position of a point on the front of the face, ``lift`` in front of the skin."""
        u, v = point
        inside = 1.0 - (u / (1.25 * self.half_width)) ** 2 - (v / 300.0) ** 2
        return self.project(point, 128.0 * math.sqrt(max(0.0, inside)) + lift, 1.0)

    def rim(self, point: Point) -> Point:
        """Picture position of a point on the outline of the face: the chin reaches further forward."""
        return self.project(point, lerp(0.0, 78.0, max(0.0, min(1.0, (point[1] + 60) / 270))), 0.3)

    def hair(self, point: Point) -> Point:
        """Picture position of a point on hair that lies on the skull or falls in front."""
        u, v = point
        inside = 1.0 - (u / (1.3 * self.half_width)) ** 2 - (v / 290.0) ** 2
        return self.project(point, 112.0 * math.sqrt(max(0.0, inside)), 0.4)

    def back(self, point: Point) -> Point:
        """Picture position of a point behind the head, such as hair at the back."""
        return self.project(point, -45.0)

    def ear(self, point: Point) -> Point:
        """Picture position of a point of an ear: a turn brings the near one closer and hides the other."""
        return self.project(point, -45.0, 1.0)

    def hides_ear(self, side: int) -> bool:
        """Whether the lobe of the ear on a side (-1 is the picture's left) is behind the face."""
        lobe = self.ear((side * self.half_width, 80.0))
        cheek = self.rim((side * 0.96 * self.half_width, 80.0))
        return side * (lobe[0] - cheek[0]) < 0

    def body(self, point: Point) -> Point:
        """Picture position of a point of neck or body."""
        sine = self._turn[0]
        near_head = max(0.0, min(1.0, (420.0 - point[1]) / 200.0))
        slope = math.tan(math.radians(self.pose.shoulder_tilt))
        return (
            CENTER[0] + point[0] + sine * (8 + 14 * near_head),
            CENTER[1] + point[1] + BODY_RISE + point[0] * slope,
        )

    def eye(self, side: int) -> Point:
        """Face coordinates of the middle of an eye; side -1 is the picture's left."""
        return side * 69.0 * self.appearance.eye_spacing * (0.5 + 0.5 * self.appearance.face_width), 12.0


def sample_curve(points: Sequence[Point], count: int) -> list[Point]:
    """``count`` points spread evenly by segment along the Catmull-Rom curve through ``points``."""
    padded = [points[0], *points, points[-1]]
    segments = len(points) - 1
    sampled = []
    for step in range(count):
        position = step / (count - 1) * segments
        index = min(int(position), segments - 1)
        sampled.append(_catmull_rom(padded[index : index + 4], position - index))
    return sampled


def _catmull_rom(four: Sequence[Point], t: float) -> Point:
    def axis(a: float, b: float, c: float, d: float) -> float:
        return 0.5 * (
            2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
        )

    (au, av), (bu, bv), (cu, cv), (du, dv) = four
    return axis(au, bu, cu, du), axis(av, bv, cv, dv)


def rippled(points: Sequence[Point], height: float, wave: int) -> list[Point]:
    """Shift points along their normals so that the line swells once every ``wave`` points."""
    result = []
    for index, (u, v) in enumerate(points):
        before, after = points[max(0, index - 1)], points[min(len(points) - 1, index + 1)]
        du, dv = after[0] - before[0], after[1] - before[1]
        norm = math.hypot(du, dv) or 1.0
        # The ends stay where they are, so that two halves still meet.
        end = min(1.0, index / 2, (len(points) - 1 - index) / 2)
        swell = height * end * math.sin(math.pi * index / wave) ** 2
        result.append((u + dv / norm * swell, v - du / norm * swell))
    return result
