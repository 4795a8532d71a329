"""Settings of methods that ``mllmu tune`` chose on other people, and that come with the package."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mllmu.files import atomic_file
from mllmu.suggest import unknown
from mllmu.yaml_reading import dump_yaml, parse_yaml

TUNED = "tuned"
TUNED_FOLDER = Path(__file__).parent / "tuned"
_MODALITIES = ("image_text", "text", "both")

_HEAD = """\
# Made by scripts/tune_methods.py; do not edit. What was tried, and how near to retrained it came: {history}.
"""


def settings_by_name(given: object) -> object:
    """Methods or steps with their settings, where one name or a list of names is given; else as it is."""
    names = [given] if isinstance(given, str) else given
    return {str(name): {} for name in names} if isinstance(names, list) else given


def tuned_names() -> list[str]:
    """The names that a recipe's ``tuned`` takes."""
    return sorted(path.stem for path in TUNED_FOLDER.glob("*.yaml"))


def with_tuned_settings(data: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe's data with tuned settings in place of the word ``tuned``.

    They become entries of ``by_modality`` for those of the recipe's methods that were tuned; what the recipe
    itself says about a method goes before. Of a method that was tuned on faces and names together, but not,
    or to no avail, on the one or the other alone, it takes there what was chosen on both: a method's defaults
    are for large models.

    Args:
        data: of a recipe file; whether the rest of it is right is checked later.

    Raises:
        UserError: if there are no tuned settings of this name.

    Example:
        >>> with_tuned_settings({"methods": {"npo": {"passes": 3}}})
        {'methods': {'npo': {'passes': 3}}}
    """
    merged = dict(data)
    name = merged.pop(TUNED, None)
    if name is None:
        return merged
    if name not in tuned_names():
        raise unknown("tuned settings", str(name), tuned_names())
    methods, by_modality = _settings_of(data.get("methods")), data.get("by_modality") or {}
    if isinstance(by_modality, Mapping):
        merged["by_modality"] = dict(by_modality)
        everywhere = read_tuned(name)
        for modality in _MODALITIES:
            tuned = {**everywhere.get("both", {}), **everywhere.get(modality, {})}
            given = settings_by_name(by_modality.get(modality) or {})
            if not isinstance(given, Mapping):
                continue  # the recipe's check says so, and of single methods' settings as well
            own = _settings_of(given)
            chosen = {
                method: {**settings, **methods[method], **own.get(method, {})}
                for method, settings in tuned.items()
                if method in methods and isinstance(given.get(method) or {}, Mapping)
            }
            if chosen:
                merged["by_modality"][modality] = {**given, **chosen}
    return merged


def read_tuned(name: str) -> dict[str, dict[str, dict[str, Any]]]:
    """Modality -> method -> the settings that were chosen; other settings are the method's defaults."""
    read: dict[str, dict[str, dict[str, Any]]] = parse_yaml(_file(name).read_text(encoding="utf-8"))
    return read


def write_tuned(name: str, chosen: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Path:
    """Keep settings under a name that a recipe's ``tuned`` takes; what was there is replaced."""
    plain = {modality: {m: dict(s) for m, s in methods.items()} for modality, methods in chosen.items()}
    text = dump_yaml(plain, sort_keys=True, default_flow_style=None, width=110)
    with atomic_file(_file(name)) as file:
        file.write_text(_HEAD.format(history=f"{name}.csv") + text, encoding="utf-8")
    return _file(name)


def _file(name: str) -> Path:
    return TUNED_FOLDER / f"{name}.yaml"


def _settings_of(given: object) -> dict[str, dict[str, Any]]:
    """The settings that are given, where they are what they should be."""
    named = settings_by_name(given)
    if not isinstance(named, Mapping):
        return {}
    return {str(name): dict(s) if isinstance(s, Mapping) else {} for name, s in named.items()}
