"""Protects the checks of pictures: copies, sizes, shapes and further frames."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from mllmu.benchmark import (
    Benchmark,
    Check,
    Profile,
    Severity,
    load_benchmark,
)
from mllmu.benchmark.load_report import person_key
from mllmu.benchmark.validation.portrait_checks import poor_portraits
from mllmu.benchmark.validation_issues import Location
from mllmu.errors import UserError
from tests.benchmark.validation.sound_people import encoded, look, noise


def test_a_copy_of_somebody_elses_portrait_is_found(people: dict[str, Profile], tmp_path: Path) -> None:
    """Enlarged and compressed; two test images of one person may be as similar as they like."""
    copy = encoded(noise(1).resize((200, 200)), format="JPEG", quality=75)
    bo = replace(people["002"], test_images=(*people["002"].test_images, copy))
    ada = replace(people["001"], test_images=people["001"].test_images * 2)
    findings = look({**people, "001": ada, "002": bo}, tmp_path / "x")
    assert {one.check for one in findings} == {Check.SIMILAR_IMAGES}
    assert {(one.location.row, one.location.field) for one in findings} == {(1, "images[1]")}
    assert "001" in findings[0].problem


def test_portraits_too_small_for_a_face(people: dict[str, Profile], tmp_path: Path) -> None:
    small = replace(people["001"], image=encoded(noise(9, side=31), format="PNG"))
    [finding] = look({**people, "001": small}, tmp_path / "x")
    assert (finding.check, finding.problem) == (Check.IMAGE, "31 x 31 pixels")


@pytest.mark.parametrize("size", [(600, 2), (2, 600)])
@pytest.mark.parametrize("field", ["image", "images[0]"])
def test_shapes_that_processors_refuse_are_named(
    people: dict[str, Profile], tmp_path: Path, size: tuple[int, int], field: str
) -> None:
    """Before a model is loaded, not hours later by a processor that knows no row."""
    narrow = encoded(Image.new("RGB", size), format="PNG")
    change = {"image": narrow} if field == "image" else {"test_images": (narrow,)}
    findings = look({**people, "002": replace(people["002"], **change)}, tmp_path / "x")
    expected = (Severity.ERROR, Check.IMAGE, 1, field)
    assert expected in [(one.severity, one.check, one.location.row, one.location.field) for one in findings]
    with pytest.raises(
        UserError, match=rf"row 1, field {re.escape(field)}: the image of {size[0]} x {size[1]}"
    ):
        load_benchmark(tmp_path / "x")


def test_further_frames_are_said_to_be_left_out(people: dict[str, Profile], tmp_path: Path) -> None:
    film = encoded(noise(9), format="GIF", save_all=True, append_images=[noise(10)])
    [finding] = look({**people, "001": replace(people["001"], image=film)}, tmp_path / "x")
    assert (finding.severity, finding.location.row) == (Severity.WARNING, 0)
    assert finding.problem == "the image has 2 frames, of which the first is shown"


def test_shapes_of_layouts_without_rows(people: dict[str, Profile]) -> None:
    """Their readers may not look at images, so the check of portraits does."""
    narrow = replace(people["001"], image=encoded(Image.new("RGB", (600, 2)), format="PNG"), test_images=())
    benchmark = Benchmark("x", {"001": narrow}, {}, {}, {})
    location = Location("x.json", None, "image")
    [finding] = poor_portraits(benchmark, {person_key("001"): location}, lambda done, total: None)
    assert str(finding).startswith("x.json, field image: the image of 600 x 2 pixels is too narrow")
