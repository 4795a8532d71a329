"""Colours that people with any colour vision can tell apart, on light and on dark paper."""

from __future__ import annotations

from collections.abc import Mapping

from mllmu.unlearning import METHODS

#: Colours of text and lines on light paper; the page replaces them by their dark counterparts.
INK = "#1b2230"
SOFT = "#667085"
LINE = "#e3e6ec"

DARK = {INK: "#e8ebf1", SOFT: "#98a2b3", LINE: "#2b3240"}

#: Okabe and Ito's palette without black and yellow, which vanish on one of the two papers.
_METHODS = (
    "#d55e00",
    "#e69f00",
    "#009e73",
    "#0072b2",
    "#cc79a7",
    "#56b4e9",
    "#8c6bb1",
    "#a6761d",
    "#66a61e",
    "#e7298a",
)

REFERENCE_COLOURS = {"vanilla": "#0072b2", "retrained": "#d55e00"}
REFERENCE_SYMBOLS = {"vanilla": "diamond", "retrained": "star"}

#: Paul Tol's bright scheme.
UNLEARN_COLOURS = {"image_text": "#4477aa", "text": "#ccbb44", "both": "#aa3377"}
UNLEARN_SYMBOLS = {"image_text": "square", "text": "circle", "both": "triangle-up"}


def method_colours(methods: list[str]) -> Mapping[str, str]:
    """Return a colour for each method; registered ones always have the same."""
    registered = METHODS.names()
    order = [*registered, *(each for each in methods if each not in registered)]
    return {each: _METHODS[order.index(each) % len(_METHODS)] for each in methods}


def faded(colour: str, opacity: float) -> str:
    """Return ``#rrggbb`` as a colour that lets the paper through."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
