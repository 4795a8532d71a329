"""People without any fault, to spoil one thing of."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from mllmu.benchmark import (
    Benchmark,
    Modality,
    Profile,
    Question,
    Task,
    TrainingQuestion,
    ValidationIssue,
    write_benchmark,
)
from mllmu.benchmark.rows.person_rows import BIOGRAPHY_KEYS
from mllmu.benchmark.validation import validate
from tests.benchmark.conftest import with_fingerprint

OPTIONS = {"A": "a judge", "B": "a nurse", "C": "a pilot", "D": "a baker"}


def noise(seed: int, side: int = 64) -> Image.Image:
    """A picture unlike that of any other seed."""
    coarse = np.random.default_rng(seed).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC)


def encoded(image: Image.Image, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, **options)  # type: ignore[arg-type]
    return stream.getvalue()


def a_choice(profile_id: str, text: str, **changes: object) -> Question:
    plain = Question(
        question_id=f"{profile_id}/{text}",
        profile_id=profile_id,
        task=Task.CLASSIFICATION,
        modality=Modality.IMAGE_TEXT,
        text=text,
        answer="a nurse",
        options=OPTIONS,
        correct_option="B",
        value="a nurse",
        attribute="profession",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def somebody(number: int, name: str) -> Profile:
    profile_id = f"{number:03d}"
    return Profile(
        profile_id=profile_id,
        name=name,
        biography={key: f"{key} of {name}" for key in BIOGRAPHY_KEYS} | {"Name": name, "Employment": "nurse"},
        image=encoded(noise(number), format="PNG"),
        questions=(
            a_choice(profile_id, "What does this person do?"),
            a_choice(profile_id, f"What is {name}'s job?", modality=Modality.TEXT),
        ),
        test_images=(encoded(noise(100 + number), format="PNG"),),
        test_questions=(a_choice(profile_id, "Which trade does the person shown here ply?"),),
        training_questions=(
            TrainingQuestion(profile_id, "What is this person's profession?", "A nurse.", "profession"),
            TrainingQuestion(profile_id, "Is there work for this person?", "Works as a nurse.", "profession"),
        ),
    )


def look(people: Mapping[str, Profile], folder: Path) -> list[ValidationIssue]:
    write_benchmark(with_fingerprint(Benchmark("x", people, {}, {}, {})), folder)
    return list(validate(folder).issues)
