"""Rasterise SVG text to PNG bytes."""

import re

import resvg_py

from mllmu.errors import UserError
from mllmu.synthesis.portraits.appearance import Appearance
from mllmu.synthesis.portraits.drawing import draw
from mllmu.synthesis.portraits.pose import Pose

_ROOT_SIZE = re.compile(r'width="1000" height="1000"')


def render(svg: str, width: int, height: int) -> bytes:
    """Rasterise a drawn portrait to a PNG of exactly ``width`` by ``height`` pixels.

    The square of the drawing stays whole in any frame, so that no face is cropped; the longer side shows more
    of what surrounds it.

    Raises:
        UserError: for a size below one pixel.
    """
    if width < 1 or height < 1:
        raise UserError(
            f"render: a picture of {width} x {height} pixels was asked for, at least 1 x 1 was expected"
        )
    framed = _ROOT_SIZE.sub(f'width="{width}" height="{height}"', svg, count=1)
    return resvg_py.svg_to_bytes(svg_string=framed, skip_system_fonts=True)


def photo(appearance: Appearance, pose: Pose, width: int, height: int) -> bytes:
    """Draw and rasterise a person in a pose: PNG bytes."""
    return render(draw(appearance, pose), width, height)
