"""Portraits: reproducible, personal, complete in every frame, and free of anything from outside."""

import dataclasses
import io
import random
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PIL import Image

from mllmu.errors import UserError
from mllmu.synthesis.portraits import (
    ANCESTRIES,
    ORIGINAL_POSE,
    Appearance,
    Pose,
    draw,
    photo,
    render,
    sample_appearance,
    sample_pose,
)
from mllmu.synthesis.portraits.features.hair_styles import HAIR_STYLES
from mllmu.synthesis.portraits.geometry import Head


def person(number: int) -> Appearance:
    rng = random.Random(f"person {number}")
    gender = ("female", "male")[number % 2]
    return sample_appearance(rng, gender, rng.randint(20, 78), ANCESTRIES[number % len(ANCESTRIES)])


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), dtype=np.float32)


def test_same_inputs_give_the_same_bytes() -> None:
    """A data set built twice must be byte-identical, pictures included."""
    first = photo(person(1), sample_pose(random.Random(5)), 96, 96)
    assert first == photo(person(1), sample_pose(random.Random(5)), 96, 96)


def test_ten_thousand_people_all_look_different() -> None:
    """Two people with the same features could not be told apart by any model."""
    assert len({person(number) for number in range(10_000)}) == 10_000


def test_different_people_give_different_pictures() -> None:
    """Features must reach the picture, not only the record."""
    assert len({photo(person(number), ORIGINAL_POSE, 64, 64) for number in range(30)}) == 30


@pytest.mark.parametrize(("width", "height"), [(1024, 1024), (64, 64), (178, 218), (218, 178), (1, 1)])
def test_a_picture_has_exactly_the_size_asked_for(width: int, height: int) -> None:
    """Celebrity pictures are not square; the PNG must decode at that size, fully opaque."""
    image = Image.open(io.BytesIO(photo(person(2), ORIGINAL_POSE, width, height)))
    assert image.format == "PNG"
    assert image.size == (width, height)
    assert image.getchannel("A").getextrema() == (255, 255)


def test_a_tall_frame_shows_the_whole_square_picture() -> None:
    """No face may be cropped by a frame's shape: 178 x 218 holds the square between 20-pixel margins."""
    square = pixels(photo(person(4), ORIGINAL_POSE, 178, 178))
    tall = pixels(photo(person(4), ORIGINAL_POSE, 178, 218))
    assert np.abs(tall[20:198] - square).mean() < 1.0


def test_a_size_below_one_pixel_is_refused() -> None:
    """The person who asked gets a sentence, not a crash of the rasteriser."""
    with pytest.raises(UserError, match="0 x 64"):
        render(draw(person(0), ORIGINAL_POSE), 0, 64)


@pytest.mark.parametrize("number", range(24))
def test_the_drawing_is_well_formed_and_self_contained(number: int) -> None:
    """The SVG must not reach for files, fonts or addresses: references point into the document only."""
    svg = draw(person(number), sample_pose(random.Random(number)))
    root = ElementTree.fromstring(svg)
    names = {element.tag.rsplit("}", 1)[-1] for element in root.iter()}
    assert not names & {"image", "script", "style", "text", "use", "foreignObject"}
    identifiers = {element.get("id") for element in root.iter()}
    for element in root.iter():
        for key, value in element.attrib.items():
            assert "href" not in key and "nan" not in value
            if "url(" in value:
                assert value.removeprefix("url(#").removesuffix(")") in identifiers
    assert svg.count("http") == 1  # the SVG namespace


@pytest.mark.parametrize("style", sorted(HAIR_STYLES))
def test_every_hair_style_can_be_drawn_and_shows(style: str) -> None:
    """A style that draws nothing would make people bald by accident."""
    base = dataclasses.replace(person(6), headwear_style="none", hair_color="#20c020", skin="#f4cfb2")
    shaven = pixels(photo(dataclasses.replace(base, hair_style="bald"), ORIGINAL_POSE, 64, 64))
    picture = pixels(photo(dataclasses.replace(base, hair_style=style), ORIGINAL_POSE, 64, 64))
    assert (style == "bald") == (np.abs(picture - shaven).mean() < 0.2)


def test_the_nose_moves_further_than_the_ears_when_the_head_turns() -> None:
    """A turn is a real parallax, not a shift of the whole drawing."""
    front, turned = Head(person(5), ORIGINAL_POSE), Head(person(5), Pose(yaw=20))
    nose = turned.face((0.0, 90.0), 40)[0] - front.face((0.0, 90.0), 40)[0]
    chin = turned.rim((0.0, 200.0))[0] - front.rim((0.0, 200.0))[0]
    ear = turned.back((150.0, 30.0))[0] - front.back((150.0, 30.0))[0]
    shoulder = turned.body((0.0, 500.0))[0] - front.body((0.0, 500.0))[0]
    assert nose > chin > shoulder > 0 > ear


def test_the_original_view_is_frontal_and_neutral() -> None:
    """The picture of record must not favour a side."""
    assert (ORIGINAL_POSE.yaw, ORIGINAL_POSE.pitch, ORIGINAL_POSE.roll, ORIGINAL_POSE.mouth_open) == (
        0,
        0,
        0,
        0,
    )
    assert sample_pose(random.Random(1)) != sample_pose(random.Random(2))


@pytest.mark.parametrize(("gender", "ancestry"), [("woman", "latin"), ("female", "martian")])
def test_unknown_words_are_refused(gender: str, ancestry: str) -> None:
    """A typing mistake must not silently become a default person."""
    with pytest.raises(UserError, match=r"woman|martian"):
        sample_appearance(random.Random(0), gender, 30, ancestry)
