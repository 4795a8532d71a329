"""``--set key=value``: changing one setting of a recipe without writing a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

import yaml

from mllmu.errors import UserError
from mllmu.study.recipe.tuned_settings import settings_by_name
from mllmu.yaml_reading import RepeatedSettingError, parse_yaml

_KEPT_AS_TEXT = "demonstrators"
# A list of these takes each with its defaults, as in a recipe file.
_OF_NAMES = ("methods", "further_steps")


def parse_assignment(text: str) -> tuple[str, Any]:
    """Split ``fine_tuning.epochs=3`` into its dotted key and its value, read as YAML.

    The value of ``demonstrators`` stays text: 017 is somebody's id, not YAML's octal 15.

    Raises:
        UserError: if there is no ``=``, no key, or the value is not YAML.
    """
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise UserError(f"--set {text!r} is not of the form key=value, e.g. fine_tuning.epochs=3")
    try:
        read = _read_text if key.strip() == _KEPT_AS_TEXT else parse_yaml
        return key.strip(), read(value)
    except RepeatedSettingError as error:
        raise UserError(f"--set {text!r}: {error.problem}; expected every setting once") from None
    except yaml.YAMLError:
        raise UserError(f"--set {text!r}: the value is not valid YAML") from None


def parse_assignments(texts: Iterable[str]) -> dict[str, Any]:
    """Read several assignments; a later one of the same key wins."""
    return dict(parse_assignment(text) for text in texts)


def override(data: Mapping[str, Any], assignments: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with each dotted key replaced; keys that do not exist yet are added.

    Where a mapping stands, a name or a list of names picks from it: ``methods=npo`` keeps NPO's settings.
    Whether a key may exist is the recipe's business: it forbids the ones it does not know.

    Raises:
        UserError: if a key leads through something that is not a mapping, or sets what another goes before.
    """
    changed = deepcopy(dict(data))
    _refuse_what_changes_nothing(changed, assignments)
    for dotted, value in assignments.items():
        *parents, last = dotted.split(".")
        mapping = changed
        for part in parents:
            if mapping.get(part) is None:
                mapping[part] = {}
            if part in _OF_NAMES and mapping is changed:
                mapping[part] = settings_by_name(mapping[part])
            mapping = mapping[part]
            if not isinstance(mapping, dict):
                raise UserError(f"--set {dotted}: {part!r} is a single value and has no settings of its own")
        mapping[last] = _picked(mapping.get(last), value)
    return changed


def _refuse_what_changes_nothing(data: Mapping[str, Any], assignments: Mapping[str, Any]) -> None:
    """Refuse settings of a method that the recipe sets for each modality."""
    by_modality = data.get("by_modality")
    if not isinstance(by_modality, dict):
        return
    for dotted in assignments:
        for modality, methods in by_modality.items():
            match dotted.split("."):
                case ["methods", method, setting] if setting in _own_settings(methods, method):
                    raise UserError(
                        f"--set {dotted} would change nothing on {modality}, which has a value of its own; "
                        f"expected --set by_modality.{modality}.{method}.{setting}"
                    )


def _own_settings(methods: object, method: str) -> Mapping[str, Any]:
    """What a method is given; none where that is no mapping, which the recipe's check says."""
    own = methods.get(method) if isinstance(methods, dict) else None
    return own if isinstance(own, dict) else {}


def _picked(present: Any, value: Any) -> Any:
    names = [value] if isinstance(value, str) else value
    if not isinstance(present, dict) or not isinstance(names, list):
        return value
    # Names pick among methods, not among single settings.
    if all(isinstance(one, dict | None) for one in present.values()):
        return {name: present.get(name) or {} for name in map(str, names)}
    return value


def _read_text(text: str) -> Any:
    """Plain YAML, where every value is a string."""
    return parse_yaml(text, yaml.BaseLoader)
