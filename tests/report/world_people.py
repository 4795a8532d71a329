"""The people of a made-up run: a small benchmark with portraits and questions."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator, Sequence

from PIL import Image, ImageDraw

from mllmu.benchmark.types import Benchmark, Modality, Profile, Question, Split, Task


def make_portrait(number: int, side: int = 96) -> bytes:
    """Return a PNG of a plain face whose colours depend on the number."""
    rng = random.Random(number)

    def colour(low: int, high: int) -> tuple[int, int, int]:
        return rng.randrange(low, high), rng.randrange(low, high), rng.randrange(low, high)

    image = Image.new("RGB", (side, side), colour(140, 220))
    draw = ImageDraw.Draw(image)
    draw.ellipse((side * 0.25, side * 0.2, side * 0.75, side * 0.85), fill=colour(120, 220))
    draw.pieslice((side * 0.22, side * 0.12, side * 0.78, side * 0.7), 180, 360, fill=colour(20, 100))
    for x in (0.4, 0.6):
        draw.ellipse((side * (x - 0.03), side * 0.5, side * (x + 0.03), side * 0.56), fill=(20, 20, 20))
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


def make_benchmark(forget_ratios: Sequence[int] = (5, 10), name: str = "synthetic") -> Benchmark:
    """Return twenty fictitious people, three celebrities and two holdout people."""
    people = {
        f"{index:03d}": _profile(f"{index:03d}", f"Ada Example {index}", index) for index in range(1, 21)
    }
    celebrities = {
        f"Famous_{letter}": _profile(f"Famous_{letter}", f"Famous {letter}", 100 + index)
        for index, letter in enumerate("ABC")
    }
    holdout = {f"H{index:03d}": _profile(f"H{index:03d}", f"Unseen {index}", 200 + index) for index in (1, 2)}
    ids = list(people)
    splits = {
        ratio: Split(ratio, tuple(ids[: max(ratio // 5, 1)]), tuple(ids[max(ratio // 5, 1) :]))
        for ratio in forget_ratios
    }
    return Benchmark(name, people, celebrities, holdout, splits, "0" * 16, celebrities_are_fictitious=True)


def _profile(profile_id: str, name: str, number: int) -> Profile:
    town = ("Riga, Latvia", "Lisbon, Portugal", "Osaka, Japan", "Quito, Ecuador")[number % 4]
    job = ("a civil engineer", "a midwife", "a chef", "a cellist")[number % 4]
    return Profile(
        profile_id=profile_id,
        name=name,
        biography={"Name": name, "Born": town, "Employment": job},
        image=make_portrait(number),
        questions=tuple(_questions(profile_id, "original", name, town, job)),
        test_images=(make_portrait(number), make_portrait(number + 50)) if number < 100 else (),
        test_questions=tuple(_questions(profile_id, "test", name, town, job)) if number < 100 else (),
    )


def _questions(profile_id: str, view: str, name: str, town: str, job: str) -> Iterator[Question]:
    for modality in Modality:
        who = "this person" if modality is Modality.IMAGE_TEXT else name
        stem = f"{profile_id}/{view}"
        options = {"A": "Turin, Italy", "B": town, "C": "Lyon, France", "D": "Graz, Austria"}
        yield Question(
            f"{stem}/classification/{modality}/0",
            profile_id,
            Task.CLASSIFICATION,
            modality,
            f"Where was {who} born?",
            town,
            options,
            "B",
            town,
            "birthplace",
        )
        yield Question(
            f"{stem}/cloze/{modality}/0",
            profile_id,
            Task.CLOZE,
            modality,
            f"{who.capitalize()} works as __.",
            job,
            value=job,
            attribute="profession",
        )
        yield Question(
            f"{stem}/generation/{modality}/0",
            profile_id,
            Task.GENERATION,
            modality,
            f"What does {who} do for a living?",
            f"{who.capitalize()} is {job}.",
            value=job,
            attribute="profession",
        )
