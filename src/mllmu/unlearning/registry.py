"""Methods by the names users give them."""

from __future__ import annotations

from collections.abc import Mapping

from mllmu.suggest import unknown
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
    if name not in METHODS:
        raise unknown("unlearning method", name, METHODS)
    return METHODS[name]


def make_method(name: str, settings: Mapping[str, object]) -> Method:
    """A method ready to be applied.

    Raises:
        UserError: if the name or a setting is unknown, or a value is out of range.
    """
    method = get_method(name)
    return method(parse_settings(f"Method '{name}'", method.settings_type, settings))
