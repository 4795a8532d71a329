"""A model sees a picture as its maker saw it in a viewer, whatever kind of file it is."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from mllmu.benchmark import check_image, open_image
from mllmu.benchmark.images import portable_image
from mllmu.errors import UserError

HALVES = Image.fromarray(np.repeat(np.array([[0] * 24 + [255] * 8], np.uint8), 16, 0)).convert("RGB")
"""Landscape, black with a white quarter on the right."""


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)  # type: ignore[arg-type]
    return stream.getvalue()


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def first_pixel(data: bytes) -> tuple[int, ...]:
    pixel = open_image(data).getpixel((0, 0))
    assert isinstance(pixel, tuple)
    return pixel


@pytest.mark.parametrize(
    ("kind", "options"), [("PNG", {}), ("JPEG", {}), ("JPEG", {"quality": 50}), ("WEBP", {})]
)
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_ordinary_pictures_keep_every_pixel(kind: str, options: dict[str, int], mode: str) -> None:
    """Also with an ICC profile, a resolution and an upright orientation beside the pixels."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    noise = Image.effect_noise((65, 33), 80).convert(mode)
    for notes in ({}, {"icc_profile": profile, "exif": turned(1), "dpi": (300, 300)}):
        data = encoded(noise, kind, **options, **notes)
        assert open_image(data).tobytes() == Image.open(io.BytesIO(data)).convert("RGB").tobytes()
        assert portable_image(data) == (f"image/{kind.lower()}", data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize(
    ("orientation", "corner"), [(3, (2, 2)), (6, (8, 30)), (8, (8, 2))], ids=["half", "right", "left"]
)
def test_the_orientation_is_applied(kind: str, orientation: int, corner: tuple[int, int]) -> None:
    image = open_image(encoded(HALVES, kind, exif=turned(orientation)))
    assert image.size == ((32, 16) if orientation == 3 else (16, 32))
    pixels, (column, row) = np.asarray(image), corner
    assert pixels[row, column].mean() > 240
    assert pixels[-1 - row, -1 - column].mean() < 15


def test_damaged_notes_beside_the_pixels_are_passed_over() -> None:
    data = encoded(HALVES, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f")
    assert open_image(data).size == HALVES.size


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_greys_of_16_bits_are_scaled(kind: str) -> None:
    """Halfway to white is halfway to white; clipped it would be white."""
    ramp = np.linspace(0, 65535, 256).round().astype(np.uint16)[None].repeat(4, 0)
    shown = np.asarray(open_image(encoded(Image.fromarray(ramp), kind)))
    assert np.array_equal(shown[0, :, 0], np.arange(256))


@pytest.mark.parametrize("kind", [np.int32, np.float32])
def test_greys_of_32_bits_go_from_black_to_white(kind: type[np.generic]) -> None:
    ramp = (np.arange(256)[None].repeat(4, 0) * 1000 - 500).astype(kind)
    shown = np.asarray(open_image(encoded(Image.fromarray(ramp), "TIFF")))
    assert np.array_equal(shown[0, :, 0], np.arange(256))
    flat = np.full((4, 4), 7, kind)
    assert open_image(encoded(Image.fromarray(flat), "TIFF")).getextrema() == ((0, 0),) * 3


def test_a_grey_without_end_is_white_and_leaves_the_others() -> None:
    greys = np.array([[0, 1, np.inf, -np.inf, np.nan]] * 5, np.float32)
    shown = np.asarray(open_image(encoded(Image.fromarray(greys), "TIFF")))
    assert shown[0, :, 0].tolist() == [0, 255, 255, 0, 0]


def clear_palette() -> Image.Image:
    image = Image.new("P", (4, 4), 0)
    image.putpalette([10, 20, 30, 200, 0, 0])
    return image


@pytest.mark.parametrize(
    "data",
    [
        encoded(Image.new("RGBA", (4, 4), (10, 20, 30, 0))),
        encoded(Image.new("LA", (4, 4), (10, 0))),
        encoded(clear_palette(), transparency=0),
        encoded(clear_palette(), "GIF", transparency=0),
        encoded(Image.new("RGB", (4, 4), (10, 20, 30)), transparency=(10, 20, 30)),
        encoded(Image.new("L", (4, 4), 10), transparency=10),
        encoded(Image.fromarray(np.full((4, 4), 5000, np.uint16)), transparency=5000),
        encoded(Image.new("RGBA", (4, 4), (10, 20, 30, 0)), "WEBP", lossless=True, exact=True),
        encoded(Image.new("RGBA", (4, 4), (10, 20, 30, 0)), "TIFF"),
    ],
    ids=["RGBA", "LA", "palette", "gif", "colour key", "grey key", "16-bit grey key", "webp", "tiff"],
)
def test_transparent_parts_show_a_white_page(data: bytes) -> None:
    """Not the colour that happens to lie under them, often black."""
    assert first_pixel(data) == (255, 255, 255)
    assert portable_image(data) == ("image/png", encoded(Image.new("RGB", (4, 4), "white")))


def test_half_transparent_and_opaque_parts() -> None:
    assert first_pixel(encoded(Image.new("RGBA", (4, 4), (0, 0, 200, 128)))) == (127, 127, 227)
    assert first_pixel(encoded(Image.new("RGBA", (4, 4), (10, 20, 30, 255)))) == (10, 20, 30)
    assert first_pixel(encoded(Image.new("LA", (4, 4), (10, 255)))) == (10, 10, 10)


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "LAB", "RGBX"])
def test_other_kinds_of_colour(mode: str) -> None:
    white = Image.new("RGB", (4, 4), "white")
    image = white.convert(mode) if mode != "LAB" else Image.new("LAB", (4, 4), (255, 128, 128))
    assert min(first_pixel(encoded(image, "TIFF"))) > 250


def test_colours_of_print_without_a_usable_profile() -> None:
    red = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    for notes in ({}, {"icc_profile": b"no profile"}):
        assert np.allclose(first_pixel(encoded(red, "JPEG", **notes)), (255, 0, 0), atol=4)


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "WEBP", "PNG", "AVIF"])
def test_the_first_frame_stands_for_all(kind: str) -> None:
    data = encoded(
        Image.new("RGB", (8, 8), "red"),
        kind,
        save_all=True,
        append_images=[Image.new("RGB", (8, 8), "blue"), Image.new("RGB", (8, 8), "green")],
    )
    assert check_image(data) == 3
    assert np.allclose(first_pixel(data), (255, 0, 0), atol=4)
    assert portable_image(data)[0] == "image/png"


@pytest.mark.parametrize("size", [(600, 2), (2, 600), (201, 1)])
def test_too_narrow_pictures_are_refused_before_a_processor_refuses_them(size: tuple[int, int]) -> None:
    with pytest.raises(UserError, match=f"Row 3: the image of {size[0]} x {size[1]} pixels is too narrow"):
        check_image(encoded(Image.new("RGB", size)), "Row 3: the image")


def test_the_narrowest_picture_that_processors_take() -> None:
    assert check_image(encoded(Image.new("RGB", (400, 2)))) == 1
