"""Colours that people with any colour vision can tell apart, on light and on dark paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Look:
    """How a method is drawn.

    Attributes:
        colour: ``#rrggbb``.
        dash: of its line, as plotly calls it.
        suffix: of its symbol's name; plotly has each filled, open, and either with a dot.
    """

    colour: str
    dash: str = "solid"
    suffix: str = ""


_ROUNDS = (("solid", ""), ("dash", "-open"), ("dot", "-dot"), ("dashdot", "-open-dot"))


def method_looks(methods: Iterable[str]) -> Mapping[str, Look]:
    """Return a look for each method, no two alike up to forty.

    A registered one has its own colour if no other of these has it already, else the next that is free.
    """
    registered = METHODS.names()
    wanted = {name: index % len(_METHODS) for index, name in enumerate(registered)}
    looks: dict[str, Look] = {}
    for number, method in enumerate(dict.fromkeys(methods)):
        dash, suffix = _ROUNDS[number // len(_METHODS) % len(_ROUNDS)]
        start = wanted.get(method, number)
        turned = [_METHODS[(start + step) % len(_METHODS)] for step in range(len(_METHODS))]
        taken = {look.colour for look in looks.values() if look.dash == dash}
        looks[method] = Look(next((one for one in turned if one not in taken), turned[0]), dash, suffix)
    return looks


def faded(colour: str, opacity: float) -> str:
    """Return ``#rrggbb`` as a colour that lets the paper through."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
