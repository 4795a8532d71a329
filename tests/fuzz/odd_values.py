"""Values that nobody expects, and structures in which some of them stand at random positions."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "",
            " ",
            "NA",
            "null",
            "a\nb",
            "\u2028",
            "\u202e",
            "<image>",
            "<s>",
            "A<s>",
            "\x00",
            "\x1b[2J",
            "é" * 300,
        ]
    ),
)
"""Without halves of surrogate pairs, which no UTF-8 file holds."""

_NUMBERS = st.one_of(
    st.integers(-3, 3),
    st.integers(),
    st.floats(),
    st.sampled_from([10**400, -(2**63), 2**63, 0.1 + 0.2, 1e308, float("inf"), float("nan")]),
)
SCALARS = st.one_of(st.none(), st.booleans(), _NUMBERS, TEXTS)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=5,
)
"""What a JSON or YAML file may hold."""


@st.composite
def mutated(draw: Any, value: Any, odd: st.SearchStrategy[Any] = JSON, most: int = 3) -> Any:
    """A copy of lists and mappings in which up to `most` entries are changed."""
    changed = [copy.deepcopy(value)]
    for _ in range(draw(st.integers(0, most))):
        holder: Any = changed
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(holder[key], dict | list) and holder[key] and draw(st.integers(0, 5)):
                holder = holder[key]
                continue
            _change(draw, holder, key, odd)
            break
        if not changed:
            return draw(odd)
    return changed[0]


def _change(draw: Any, holder: Any, key: Any, odd: st.SearchStrategy[Any]) -> None:
    kind = draw(st.sampled_from(["replace", "replace", "remove", "double", "add"]))
    if kind == "replace":
        holder[key] = draw(odd)
    elif kind == "remove":
        del holder[key]
    elif isinstance(holder, dict):
        new = draw(TEXTS) if kind == "add" else f"{key}:"
        holder[new] = draw(odd) if kind == "add" else copy.deepcopy(holder[key])
    else:
        holder.insert(key, draw(odd) if kind == "add" else copy.deepcopy(holder[key]))
