"""Decode and check images of unknown origin; unusable ones raise an error of one sentence."""

from __future__ import annotations

import hashlib
import io
import warnings

from PIL import Image

from mllmu.errors import UserError

MAX_PIXELS = 50_000_000
# Named, because some of the formats Pillow would also try start other programs (EPS) or decode very slowly.
_FORMATS = ("PNG", "JPEG", "WEBP", "BMP")


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
    """Decode an encoded image to RGB; an alpha channel is dropped.

    Args:
        data: PNG, JPEG, WebP or BMP bytes.
        label: what to call the image in an error, at the start of a sentence.

    Raises:
        UserError: the bytes do not decode, or the image has more than 50 megapixels.
    """
    try:
        return _open_header(data, label).convert("RGB")
    except UserError:
        raise
    except Exception as error:  # Pillow's decoders raise a dozen types on damaged bytes
        raise _undecodable(label, error) from error


def check_image(data: bytes, label: str = "The image") -> None:
    """Check that an image decodes, at a fraction of what decoding costs (a few milliseconds).

    The pixels of a PNG are vouched for by its checksums; other kinds have none and are read to the end, JPEGs
    at an eighth of its size.

    Raises:
        UserError: the bytes are no image or a damaged one, or it has more than 50 megapixels.
    """
    try:
        image = _open_header(data, label)
        if image.format == "PNG":
            image.verify()
        else:
            image.draft("RGB", (max(1, image.width // 8), max(1, image.height // 8)))
            image.load()
    except UserError:
        raise
    except Exception as error:  # as above
        raise _undecodable(label, error) from error


def media_type(data: bytes, label: str = "The image") -> str:
    """What kind of image the bytes are, as data URLs name it, e.g. ``image/png``.

    Raises:
        UserError: the bytes are no image, or it has more than 50 megapixels.
    """
    try:
        return Image.MIME[_open_header(data, label).format or ""]
    except UserError:
        raise
    except Exception as error:  # as above
        raise _undecodable(label, error) from error


def image_digest(data: bytes) -> str:
    """Hash an encoded image (SHA-256, 64 hex digits)."""
    return hashlib.sha256(data).hexdigest()


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
    return ImageError(label, f"does not decode ({reason})", "a PNG, JPEG, WebP or BMP image")
