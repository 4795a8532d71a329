"""Protects: a test portrait is another photograph of the same person, not the original once more."""

import dataclasses
import io
import random

import numpy as np
import pytest
from PIL import Image

from mllmu.synthesis.portraits import (
    ANCESTRIES,
    ORIGINAL_POSE,
    Appearance,
    as_seen,
    photo,
    sample_appearance,
    sample_pose,
)
from mllmu.synthesis.portraits.drawing import placement
from mllmu.synthesis.portraits.features.face import outline
from mllmu.synthesis.portraits.geometry import Head, mirrored
from mllmu.synthesis.portraits.pose import Pose
from mllmu.synthesis.portraits.wardrobe import Backdrop, Garment

COUNT = 60
SIZE = 64
UNIFORM = Garment("crew_neck", "#808080", "#808080", "plain")
STUDIO = Backdrop("#b0b0b0", "#b0b0b0", "plain")


def _person(number: int) -> Appearance:
    rng = random.Random(f"viewed {number}")
    return sample_appearance(rng, ("female", "male")[number % 2], 25 + number % 40, ANCESTRIES[number % 7])


def _pose(number: int, view: int = 0) -> Pose:
    return sample_pose(random.Random(f"view {number} {view}"))


PEOPLE = [_person(number) for number in range(COUNT)]
POSES = [_pose(number) for number in range(COUNT)]


def _pixels(appearance: Appearance, pose: Pose) -> np.ndarray:
    image = Image.open(io.BytesIO(photo(appearance, pose, SIZE, SIZE))).convert("RGB")
    return np.asarray(image, dtype=np.float32)


def _standard(pictures: np.ndarray) -> np.ndarray:
    """Every picture with mean 0 and variance 1, so that brightness and contrast do not count."""
    flat = pictures.reshape(len(pictures), -1)
    return (flat - flat.mean(1, keepdims=True)) / flat.std(1, keepdims=True)


def _owner_found(originals: np.ndarray, views: np.ndarray) -> float:
    """Share of views whose nearest original, by distance of pixels, is of the same person."""
    first, second = (pictures.reshape(len(pictures), -1) for pictures in (originals, views))
    distances = (first**2).sum(1)[None] - 2 * second @ first.T
    return float((distances.argmin(1) == np.arange(len(views))).mean())


@pytest.fixture(scope="module")
def originals() -> np.ndarray:
    return np.stack([_pixels(who, ORIGINAL_POSE) for who in PEOPLE])


@pytest.fixture(scope="module")
def views() -> np.ndarray:
    return np.stack([_pixels(who, pose) for who, pose in zip(PEOPLE, POSES, strict=True)])


def test_comparing_pixels_does_not_find_the_owner_of_a_test_portrait(
    originals: np.ndarray, views: np.ndarray
) -> None:
    """A model that memorised pixels would pass for one that recognises a person; chance is 1.7 %."""
    gray = np.array([0.299, 0.587, 0.114], dtype=np.float32)
    assert _owner_found(originals, views) < 0.3
    assert _owner_found(_standard(originals), _standard(views)) < 0.3
    assert _owner_found(_standard(originals @ gray), _standard(views @ gray)) < 0.3


def test_the_face_alone_finds_the_owner() -> None:
    """In the same clothes, place, light and framing, the head must tell most people apart."""
    posed = [
        Pose(pose.yaw, pose.pitch, pose.roll, 0.0, pose.smile, pose.mouth_open, pose.brow_raise)
        for pose in POSES
    ]
    plain = [dataclasses.replace(pose, garment=UNIFORM, backdrop=STUDIO) for pose in (ORIGINAL_POSE, *posed)]
    asked = range(30)
    records = np.stack([_pixels(PEOPLE[number], plain[0]) for number in asked])
    turned = np.stack([_pixels(PEOPLE[number], plain[1 + number]) for number in asked])
    assert _owner_found(records, turned) > 0.6


@pytest.mark.parametrize("number", range(0, COUNT, 2))
def test_the_face_is_inside_the_frame_and_large_enough(number: int) -> None:
    """A face that is cut off or tiny cannot be recognised at 64 pixels."""
    for view in range(20):
        who, pose = PEOPLE[number], _pose(number, view)
        head, (x, y, zoom) = Head(who, pose), placement(pose)
        edge = np.array([head.rim(point) for point in mirrored(outline(head))]) * zoom + (x, y)
        assert edge.min() >= 0
        assert edge.max() <= 1000
        assert np.ptp(edge[:, 1]) >= 420
        upright = Head(who, dataclasses.replace(pose, roll=0.0, pitch=0.0))
        assert zoom * (upright.rim((0.0, head.chin))[1] - upright.rim((0.0, -205.0))[1]) >= 420


def test_views_differ_in_everything_that_is_not_identity() -> None:
    """Two photographs share neither light nor mood nor place nor clothes."""
    for name in (
        "yaw",
        "roll",
        "smile",
        "eye_open",
        "shade_angle",
        "warmth",
        "brightness",
        "zoom",
        "shift_x",
    ):
        assert len({getattr(pose, name) for pose in POSES}) > COUNT * 0.8, name
    assert len({pose.garment for pose in POSES}) == len({pose.backdrop for pose in POSES}) == COUNT
    assert any(pose.eye_open < 0.1 for pose in POSES)
    assert sum(pose.mouth_open > 0.2 for pose in POSES) > COUNT / 4


def test_light_leaves_skins_apart() -> None:
    """Light must not turn a dark skin into a fair one: the cheeks keep the order of the skins."""
    fair, dark = (
        dataclasses.replace(PEOPLE[2], skin=skin, beard_style="none", blush=0.0, glasses_style="none")
        for skin in ("#f4cfb2", "#6f4229")
    )

    def face(who: Appearance, pose: Pose) -> float:
        kept = dataclasses.replace(pose, zoom=1.0, shift_x=0.0, shift_y=0.0)
        return float(_pixels(who, kept)[28:40, 26:38].mean())

    brightest = max(face(dark, pose) for pose in POSES[::3])
    assert brightest < min(face(fair, pose) for pose in POSES[::3])


def test_clothes_and_background_of_a_view_are_anybodys() -> None:
    """A view that kept or avoided the person's own colours would give the person away."""
    who, pose = PEOPLE[0], POSES[0]
    seen = as_seen(who, pose)
    changed = {
        field.name
        for field in dataclasses.fields(Appearance)
        if getattr(seen, field.name) != getattr(who, field.name)
    }
    assert {"clothes_color", "background_color"} <= changed
    assert all(name.startswith(("clothes_", "background_")) for name in changed)
    assert as_seen(who, ORIGINAL_POSE) == who
    other = dataclasses.replace(who, clothes_color="#ff0000", background_color="#00ff00")
    plain = dataclasses.replace(who, headwear_style="none")
    assert photo(dataclasses.replace(other, headwear_style="none"), pose, 48, 48) == photo(
        plain, pose, 48, 48
    )


@pytest.mark.parametrize("yaw", [-24.0, 24.0])
def test_a_turn_hides_the_far_ear_only(yaw: float) -> None:
    """An earring on a cheek, or an ear that floats beside the head, is a fault of the drawing."""
    head = Head(PEOPLE[1], Pose(yaw=yaw))
    far = 1 if yaw > 0 else -1
    assert head.hides_ear(far)
    assert not head.hides_ear(-far)
    assert not Head(PEOPLE[1], ORIGINAL_POSE).hides_ear(far)


def test_a_scarf_hides_earrings() -> None:
    """Earrings drawn over a scarf looked like marks on the cheek."""
    who = dataclasses.replace(PEOPLE[0], headwear_style="scarf", earring_style="hoop")
    bare = dataclasses.replace(who, earring_style="none")
    assert photo(who, POSES[0], SIZE, SIZE) == photo(bare, POSES[0], SIZE, SIZE)
