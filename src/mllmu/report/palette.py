"""Colours that people with any colour vision tell apart, on light and on dark paper."""

from __future__ import annotations

from collections.abc import Mapping

#: Colours of text and lines on light paper; the page replaces them by their dark counterparts.
INK = "#1b2230"
SOFT = "#667085"
LINE = "#e3e6ec"

DARK = {INK: "#e8ebf1", SOFT: "#98a2b3", LINE: "#2b3240"}

#: Okabe and Ito's palette without black and yellow, which vanish on one of the two papers.
_METHODS = {
    "ga": "#d55e00",
    "grad_diff": "#e69f00",
    "kl_min": "#009e73",
    "npo": "#0072b2",
    "prompting": "#cc79a7",
}
_OTHERS = ("#56b4e9", "#8c6bb1", "#a6761d", "#66a61e", "#e7298a")

REFERENCE_COLOURS = {"vanilla": "#0072b2", "retrained": "#d55e00"}

#: Paul Tol's bright scheme.
UNLEARN_COLOURS = {"image_text": "#4477aa", "text": "#ccbb44", "both": "#aa3377"}
UNLEARN_SYMBOLS = {"image_text": "square", "text": "circle", "both": "triangle-up"}


def method_colours(methods: list[str]) -> Mapping[str, str]:
    """Return a colour for each method; the paper's methods always have the same one."""
    unknown = [each for each in methods if each not in _METHODS]
    others = {each: _OTHERS[index % len(_OTHERS)] for index, each in enumerate(unknown)}
    return {each: _METHODS.get(each) or others[each] for each in methods}


def faded(colour: str, opacity: float) -> str:
    """Return ``#rrggbb`` as a colour that lets the paper through."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
