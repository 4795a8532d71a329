"""Methods by the names users give them."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from mllmu.errors import UserError
from mllmu.training import parse_settings
from mllmu.unlearning.method import Method
from mllmu.unlearning.methods import NPO, GradDiff, GradientAscent, KLMin, Prompting

METHODS: dict[str, type[Method]] = {
    method.name: method for method in (GradientAscent, GradDiff, KLMin, NPO, Prompting)
}


def method_names() -> list[str]:
    """Names of all methods, in the order of the paper's tables."""
    return list(METHODS)


def get_method(name: str) -> type[Method]:
    """The method of a name.

    Raises:
        UserError: if there is none; near names are suggested.
    """
    if name in METHODS:
        return METHODS[name]
    near = get_close_matches(name.lower().replace("-", "_"), METHODS, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"expected one of {', '.join(METHODS)}."
    raise UserError(f"Unknown unlearning method '{name}'; {hint}")


def make_method(name: str, settings: Mapping[str, object]) -> Method:
    """A method ready to be applied.

    Raises:
        UserError: if the name or a setting is unknown, or a value is out of range.
    """
    method = get_method(name)
    return method(parse_settings(f"Method '{name}'", method.settings_type, settings))
