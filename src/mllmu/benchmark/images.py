"""Decode and check images of unknown origin; unusable ones raise an error of one sentence.

`open_image` alone decides how bytes become RGB.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from typing import Any

import numpy as np
from PIL import ExifTags, Image, ImageCms, ImageOps

from mllmu.errors import UserError

MAX_PIXELS = 50_000_000
LONGEST_SHAPE = 200
"""How many times longer than its other side a side may be; processors as Qwen2-VL's refuse more."""

# Named, because some of the formats Pillow would also try start other programs (EPS) or decode very slowly.
_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "AVIF")
_EXPECTED = "a PNG, JPEG, WebP, BMP, GIF, TIFF or AVIF image"
_SENT_AS_THEY_ARE = {"PNG": "image/png", "JPEG": "image/jpeg", "MPO": "image/jpeg", "WEBP": "image/webp"}


class ImageError(UserError):
    """An image that cannot be used.

    Attributes:
        problem: what is wrong with it, after "the image".
        expected: what would do.
    """

    def __init__(self, label: str, problem: str, expected: str) -> None:
        super().__init__(f"{label} {problem}; expected {expected}.")
        self.problem = problem
        self.expected = expected


def open_image(data: bytes, label: str = "The image") -> Image.Image:
    """Decode an encoded image to RGB as a viewer shows it.

    It is turned as its EXIF orientation says, its first frame stands for all, transparent parts show a white
    page, and greys of more than 8 bits are scaled to 8.

    Args:
        data: PNG, JPEG, WebP, BMP, GIF, TIFF or AVIF bytes.
        label: what to call the image in an error, at the start of a sentence.

    Raises:
        UserError: the bytes do not decode, or the image has more than 50 megapixels.
    """
    try:
        return _as_rgb(_upright(_open_header(data, label)))
    except UserError:
        raise
    except Exception as error:  # Pillow's decoders raise a dozen types on damaged bytes
        raise _undecodable(label, error) from error


def check_image(data: bytes, label: str = "The image") -> int:
    """Check that an image decodes, at a fraction of what decoding costs (a few milliseconds).

    The pixels of a PNG are vouched for by its checksums; other kinds have none and are read to the end, JPEGs
    at an eighth of its size.

    Returns:
        The number of frames; `open_image` takes the first.

    Raises:
        UserError: the bytes are no image or a damaged one, or it has more than 50 megapixels, or one side is
            more than 200 times the other.
    """
    try:
        image = _open_header(data, label)
        frames = getattr(image, "n_frames", 1)
        check_shape(image, label)
        if image.format == "PNG":
            image.verify()
        else:
            image.draft("RGB", (max(1, image.width // 8), max(1, image.height // 8)))
            image.load()
    except UserError:
        raise
    except Exception as error:  # as above
        raise _undecodable(label, error) from error
    return frames


def check_shape(image: Image.Image, label: str = "The image") -> None:
    """Check that an image is not too narrow for the image processors of models.

    Raises:
        UserError: one side is more than 200 times the other.
    """
    if max(image.size) > LONGEST_SHAPE * min(image.size):
        problem = f"of {image.width} x {image.height} pixels is too narrow for image processors"
        raise ImageError(label, problem, f"a longer side of at most {LONGEST_SHAPE} times the other")


def portable_image(data: bytes, label: str = "The image") -> tuple[str, bytes]:
    """Media type and bytes of an image that any reader shows as `open_image` does.

    The bytes are the given ones if they are an upright PNG, JPEG or WebP of one frame and 8 bits without
    transparency, else a PNG of what `open_image` gives.

    Raises:
        UserError: as `open_image` does.
    """
    try:
        image = _open_header(data, label)
        plain = image.mode in ("RGB", "L") and not image.has_transparency_data
        one = image.format == "MPO" or getattr(image, "n_frames", 1) == 1
        media_type = _SENT_AS_THEY_ARE.get(image.format or "")
        if media_type and plain and one and _upright(image) is image:
            return media_type, data
    except UserError:
        raise
    except Exception as error:  # as above
        raise _undecodable(label, error) from error
    encoded = io.BytesIO()
    open_image(data, label).save(encoded, "PNG")
    return "image/png", encoded.getvalue()


def image_digest(data: bytes) -> str:
    """Hash an encoded image (SHA-256, 64 hex digits)."""
    return hashlib.sha256(data).hexdigest()


def _upright(image: Image.Image) -> Image.Image:
    """The image turned as its EXIF orientation says, or itself where there is nothing to turn."""
    image.load()
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
        turned = ImageOps.exif_transpose(image) if orientation != 1 else image
    except Exception:  # notes beside the pixels may be damaged in as many ways; viewers pass over them
        return image
    return turned


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return _in_8_bits(image).convert("RGB")
    if image.mode in ("CMYK", "LAB"):
        return _by_profile(image)
    if not image.has_transparency_data:
        return image.convert("RGB")
    page = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(page, image.convert("RGBA")).convert("RGB")


def _in_8_bits(image: Image.Image) -> Image.Image:
    """16-bit greys divided by 257; 32-bit ones, which have no usual white, from their darkest to lightest.

    A grey that stands for "transparent" becomes white, as everything transparent does.
    """
    if image.mode.startswith("I;16"):
        greys: np.ndarray[Any, np.dtype[np.float32]] = np.asarray(image, dtype=np.float32)
        shown = (greys / 257).round().astype(np.uint8)
        transparent = image.info.get("transparency")
        if isinstance(transparent, int):
            shown[greys == transparent] = 255
        return Image.fromarray(shown)
    values: np.ndarray[Any, np.dtype[np.float64]] = np.asarray(image, dtype=np.float64)
    is_finite = np.isfinite(values)
    low, high = values.min(initial=np.inf, where=is_finite), values.max(initial=-np.inf, where=is_finite)
    if low > high:  # there is no finite pixel
        low, high = 0.0, 1.0
    values = np.clip(np.nan_to_num(values, nan=low, posinf=high, neginf=low), low, high)
    scaled = (values - low) / max(high - low, np.finfo(np.float64).tiny) * 255
    return Image.fromarray(scaled.round().astype(np.uint8))


def _by_profile(image: Image.Image) -> Image.Image:
    """Colours of print by their ICC profile where they have one, else by Pillow's formula."""
    if image.mode == "CMYK" and not image.info.get("icc_profile"):
        return image.convert("RGB")
    screen = ImageCms.createProfile("sRGB")
    try:
        own = (
            ImageCms.createProfile("LAB")
            if image.mode == "LAB"
            else ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
        )
        converted = ImageCms.profileToProfile(image, own, screen, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        if image.mode == "LAB":
            raise
        return image.convert("RGB")
    assert converted is not None  # it is None only when converted in place
    return converted


def _open_header(data: bytes, label: str) -> Image.Image:
    too_large = ImageError(label, "has more than 50 megapixels", "at most that")
    with warnings.catch_warnings():
        # Pillow's own limit is higher than ours, and it only warns at first.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            image = Image.open(io.BytesIO(data), formats=_FORMATS)
        except Image.DecompressionBombError as error:
            raise too_large from error
    if image.width * image.height > MAX_PIXELS:
        raise too_large
    return image


def _undecodable(label: str, error: Exception) -> ImageError:
    reason = "it is empty, damaged or of another kind" if isinstance(error, OSError) else str(error)
    return ImageError(label, f"does not decode ({reason})", _EXPECTED)
