"""Protects the check of portraits: a test portrait shows the person anew, not the original once more."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from mllmu.benchmark import Benchmark, Check, Severity
from mllmu.benchmark.load_report import person_key
from mllmu.benchmark.load_report import test_key as key_of_test_portrait
from mllmu.benchmark.validation.portrait_checks import poor_portraits
from mllmu.benchmark.validation_issues import Location
from tests.benchmark.conftest import a_fictitious


def noise(seed: int, kind: str = "PNG") -> bytes:
    """A picture unlike that of any other seed."""
    coarse = np.random.default_rng(seed).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(coarse).resize((64, 64), Image.Resampling.BICUBIC).save(stream, kind)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("tests", "numbers"),
    [
        ((noise(2), noise(2)), []),
        ((noise(2), noise(1)), [1]),
        ((noise(1, "JPEG"), noise(2)), [0]),
        ((noise(1), noise(1, "JPEG")), [0, 1]),
    ],
    ids=["another picture twice", "the original", "the original, compressed", "both"],
)
def test_a_test_portrait_that_is_the_original_is_told_of(
    tests: tuple[bytes, ...], numbers: list[int]
) -> None:
    person = replace(a_fictitious(1), image=noise(1), test_images=tests)
    keys = [person_key("001"), key_of_test_portrait("001", 0), key_of_test_portrait("001", 1)]
    locations = {key: Location(key, 0, "image") for key in keys}
    benchmark = Benchmark("x", {"001": person}, {}, {}, {})
    issues = list(poor_portraits(benchmark, locations, lambda done, total: None))
    assert [issue.location.file for issue in issues] == [
        key_of_test_portrait("001", number) for number in numbers
    ]
    assert all((one.severity, one.check) == (Severity.WARNING, Check.SIMILAR_IMAGES) for one in issues)
    assert all("nearly the original portrait of 001" in one.problem for one in issues)
