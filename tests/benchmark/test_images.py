"""Protects against images that are damaged, enormous or of a dangerous kind."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image

from mllmu.benchmark import check_image, image_digest, open_image
from mllmu.errors import UserError
from tests.benchmark.conftest import encoded_image


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG with a valid header of any size and hardly any data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "AVIF"])
def test_the_usual_kinds_decode_to_rgb(kind: str) -> None:
    image = open_image(encoded_image(200, kind))
    assert (image.mode, image.size) == ("RGB", (8, 6))
    assert check_image(encoded_image(200, kind)) == 1


@pytest.mark.parametrize("check", [open_image, check_image])
@pytest.mark.parametrize(("width", "height"), [(50_000, 1_001), (10_000, 10_000), (60_000, 60_000)])
def test_more_than_fifty_megapixels_are_refused_before_decoding(
    check: Callable[..., object], width: int, height: int
) -> None:
    """Just above our limit, above Pillow's warning, above Pillow's own limit."""
    with pytest.raises(UserError, match=r"Row 3: the portrait has more than 50 megapixels"):
        check(png_that_claims(width, height), "Row 3: the portrait")


@pytest.mark.parametrize("check", [open_image, check_image])
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no image at all",
        encoded_image(3)[:40],
        encoded_image(3)[:50] + b"\xff" + encoded_image(3)[51:],
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
    ],
    ids=["empty", "text", "cut", "flipped", "postscript", "gif"],
)
def test_what_does_not_decode_is_refused(check: Callable[..., object], data: bytes) -> None:
    with pytest.raises(UserError, match="does not decode"):
        check(data)


@pytest.mark.parametrize("check", [open_image, check_image])
@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "BMP"])
def test_a_cut_image_without_checksums_is_refused(check: Callable[..., object], kind: str) -> None:
    """Such a cut shows only in decoding; it has to be told before hours of training, not after."""
    stream = io.BytesIO()
    Image.effect_noise((512, 512), 50).convert("RGB").save(stream, kind)
    with pytest.raises(UserError, match="does not decode"):
        check(stream.getvalue()[:-600])


def test_the_digest_is_sha256() -> None:
    assert image_digest(b"abc") == hashlib.sha256(b"abc").hexdigest()
