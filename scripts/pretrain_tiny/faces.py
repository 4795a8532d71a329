"""Drawings of faces for pre-training, several views of each, as PNG or as pixels for the vision tower."""

from __future__ import annotations

import io
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from PIL import Image

from mllmu.models.tiny.processor import IMAGE_SIZE
from mllmu.synthesis.portraits import (
    ANCESTRIES,
    ORIGINAL_VIEW,
    Appearance,
    View,
    draw,
    render,
    sample_appearance,
    sample_view,
)
from mllmu.synthesis.seed_derivation import derive_rng
from mllmu.training.rehearsal import DRAWING_SIZE


def portrait(appearance: Appearance, view: View) -> bytes:
    """A PNG of a person in a view."""
    return render(draw(appearance, view), DRAWING_SIZE, DRAWING_SIZE)


def views_of(count: int, seed: int, *parts: str | int) -> list[View]:
    """The frontal view of the benchmark's original portraits, and ``count - 1`` random views.

    Args:
        count: number of views, at least 1.
        seed: seed of the random views.
        parts: what else the random views depend on, such as the profile id.
    """
    return [ORIGINAL_VIEW, *(sample_view(derive_rng(seed, "view", *parts, i)) for i in range(1, count))]


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
    appearance, seed, index, views = task
    made = []
    for view in views_of(views, seed, index):
        with Image.open(io.BytesIO(portrait(appearance, view))) as image:
            small = image.convert("RGB").resize((IMAGE_SIZE, IMAGE_SIZE), Image.Resampling.BICUBIC)
        made.append(np.asarray(small))
    return np.stack(made)


def draw_views(faces: Sequence[Appearance], views: int, seed: int, workers: int) -> np.ndarray:
    """Several views of every face.

    Returns:
        uint8 array [faces, views, 64, 64, 3].
    """
    tasks = [(face, seed, index, views) for index, face in enumerate(faces)]
    with ProcessPoolExecutor(workers) as pool:
        return np.stack(list(pool.map(_pixels, tasks, chunksize=32)))
