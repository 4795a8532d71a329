"""Methods and further steps by the names users give them."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import isabstract

from mllmu.errors import UserError
from mllmu.registry import Registry
from mllmu.training import parse_settings
from mllmu.unlearning.method import FurtherStep, Method
from mllmu.unlearning.shardable_methods import require_shardable_method

METHODS: Registry[type[Method]] = Registry(
    "unlearning method",
    "mllmu.unlearning.methods",
    "mllmu.methods",
    lambda value: isinstance(value, type) and issubclass(value, Method) and not isabstract(value),
)

FURTHER_STEPS: Registry[type[FurtherStep]] = Registry(
    "further step",
    "mllmu.unlearning.further_steps",
    "mllmu.further_steps",
    lambda value: isinstance(value, type) and issubclass(value, FurtherStep) and not isabstract(value),
)


def method_names() -> list[str]:
    """Names of all methods: room by room in the order of their files, then those of other packages."""
    return METHODS.names()


def get_method(name: str) -> type[Method]:
    """The method of a name.

    Raises:
        UserError: if there is none; near names are suggested.

    Example:
        >>> get_method("npo").title
        'NPO'
    """
    return METHODS.get(name)


def make_method(name: str, settings: Mapping[str, object]) -> Method:
    """A method ready to be applied.

    Raises:
        UserError: if the name or a setting is unknown, a value is out of range, or the processes were started
            to hold pieces of a model (FSDP) that the method needs whole.

    Example:
        >>> make_method("npo", {"beta": 0.4}).settings.beta
        0.4
    """
    method = get_method(name)
    made = method(parse_settings(f"Method '{name}'", method.settings_type, settings))
    require_shardable_method(made)
    return made


def require_modality(method: type[Method], modality: str) -> None:
    """Refuse what a method cannot unlearn on.

    Raises:
        UserError: if it is not among the method's modalities.
    """
    if modality not in method.modalities:
        able = " or ".join(method.modalities)
        raise UserError(f"Method '{method.name}' cannot unlearn on modality '{modality}'; expected {able}.")


def make_further_step(name: str, settings: Mapping[str, object]) -> FurtherStep:
    """A further step ready to be applied.

    Raises:
        UserError: if the name or a setting is unknown, or a value is out of range.
    """
    step = FURTHER_STEPS.get(name)
    return step(parse_settings(f"Further step '{name}'", step.settings_type, settings))
