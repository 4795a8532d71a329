"""Drawings of faces for pre-training, several poses of each, as PNG or as pixels for the vision tower."""

from __future__ import annotations

import io
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from PIL import Image

from mllmu.models.tiny.processor import IMAGE_SIZE
from mllmu.synthesis.celebrity_lessons import DRAWING_SIZE
from mllmu.synthesis.portraits import (
    ANCESTRIES,
    ORIGINAL_POSE,
    Appearance,
    Pose,
    draw,
    render,
    sample_appearance,
    sample_pose,
)
from mllmu.synthesis.seed_derivation import derive_rng


def portrait(appearance: Appearance, pose: Pose) -> bytes:
    """A PNG of a person in a view."""
    return render(draw(appearance, pose), DRAWING_SIZE, DRAWING_SIZE)


def poses_of(count: int, seed: int, *parts: str | int) -> list[Pose]:
    """The frontal pose of the benchmark's original portraits, and ``count - 1`` random poses.

    Args:
        count: number of poses, at least 1.
        seed: seed of the random poses.
        parts: what else the random poses depend on, such as the profile id.
    """
    return [ORIGINAL_POSE, *(sample_pose(derive_rng(seed, "view", *parts, i)) for i in range(1, count))]


def random_faces(count: int, seed: int) -> list[Appearance]:
    """Random faces of nobody in particular, on which only the vision tower is trained."""
    faces = []
    for index in range(count):
        rng = derive_rng(seed, "throw-away face", index)
        faces.append(
            sample_appearance(
                rng, rng.choice(("female", "male")), rng.randint(20, 72), rng.choice(ANCESTRIES)
            )
        )
    return faces


def _pixels(task: tuple[Appearance, int, int, int]) -> np.ndarray:
    appearance, seed, index, poses = task
    made = []
    for pose in poses_of(poses, seed, index):
        with Image.open(io.BytesIO(portrait(appearance, pose))) as image:
            small = image.convert("RGB").resize((IMAGE_SIZE, IMAGE_SIZE), Image.Resampling.BICUBIC)
        made.append(np.asarray(small))
    return np.stack(made)


def draw_poses(faces: Sequence[Appearance], poses: int, seed: int, workers: int) -> np.ndarray:
    """Several poses of every face.

    Returns:
        uint8 array [faces, poses, 64, 64, 3].
    """
    tasks = [(face, seed, index, poses) for index, face in enumerate(faces)]
    with ProcessPoolExecutor(workers) as pool:
        return np.stack(list(pool.map(_pixels, tasks, chunksize=32)))
