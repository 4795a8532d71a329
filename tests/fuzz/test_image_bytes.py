"""Images of every mode, and damaged ones: pixels or one sentence."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mllmu.benchmark import images
from mllmu.benchmark.images import check_image, open_image, portable_image

from .properties import made_or_refused

MODES = {
    "PNG": ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"],
    "JPEG": ["1", "L", "RGB", "CMYK"],
    "GIF": ["1", "L", "P", "RGB"],
    "TIFF": ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "LAB", "I", "I;16", "F"],
    "WEBP": ["L", "RGB", "RGBA", "P"],
    "BMP": ["1", "L", "P", "RGB"],
}


@pytest.fixture(autouse=True, scope="module")
def _small_images_only():
    """So that a damaged header that claims millions of pixels costs milliseconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(images, "MAX_PIXELS", 1_000_000)
        yield


@st.composite
def encoded(draw):
    kind = draw(st.sampled_from(sorted(MODES)))
    mode = draw(st.sampled_from(MODES[kind]))
    image = Image.new(mode, (draw(st.integers(1, 40)), draw(st.integers(1, 40))), draw(st.integers(0, 200)))
    exif = Image.Exif()
    exif[0x0112] = draw(st.integers(0, 9))
    more = {"exif": exif} if kind in ("JPEG", "PNG", "WEBP", "TIFF") and draw(st.booleans()) else {}
    if kind in ("GIF", "TIFF", "WEBP", "PNG") and not draw(st.integers(0, 3)):
        more = {"save_all": True, "append_images": [image]}
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


@st.composite
def damaged(draw):
    data = bytearray(draw(encoded()))
    for _ in range(draw(st.integers(1, 4))):
        # Headers are where most of what a decoder believes is written.
        last = min(len(data), draw(st.sampled_from([64, len(data)])))
        start = draw(st.integers(0, last))
        end = start + draw(st.integers(0, 6))
        data[start:end] = draw(st.one_of(st.binary(max_size=6), st.sampled_from([b"\xff" * 4, b"\0" * 4])))
    return bytes(data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data)


@given(encoded())
def test_whole_images_are_shown_by_every_reader_alike(data):
    assert check_image(data) >= 1
    shown = open_image(data)
    assert shown.mode == "RGB"
    kind, sent = portable_image(data)
    again = open_image(sent)
    assert kind in ("image/png", "image/jpeg", "image/webp") and again.tobytes() == shown.tobytes()


@pytest.mark.filterwarnings("ignore::UserWarning")
@given(st.one_of(damaged(), st.binary(max_size=40)))
def test_damaged_images_are_shown_or_refused(data):
    for read in (check_image, open_image, portable_image):
        made_or_refused(lambda read=read: read(data), "The image")
