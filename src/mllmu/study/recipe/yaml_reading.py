"""YAML as people write it: whatever is wrong with it is a `yaml.YAMLError`, and what is read has an end."""

from __future__ import annotations

from typing import Any

import yaml

_MOST, _DEEPEST = 10_000, 20
"""More entries, and deeper ones, than any recipe has; aliases can write more of them than fit in memory."""


def parse_yaml(text: str, loader: type[Any] = yaml.SafeLoader) -> Any:
    """The value of a YAML text.

    PyYAML's own constructors raise errors of Python for days that do not exist, tags that do not fit and
    numbers of thousands of digits.

    Raises:
        yaml.YAMLError: if it is not YAML, or holds more or deeper settings than can be meant.
    """
    try:
        value = yaml.load(text, Loader=loader)
    except RecursionError:
        raise yaml.YAMLError(f"nested more than {_DEEPEST} deep") from None
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise yaml.YAMLError(f"a value that cannot be read: {error}") from error
    _check_extent(value)
    return value


def _check_extent(value: Any) -> None:
    """Refuse what aliases make endless, counting an alias as often as it is used."""
    level, count = [value], 0
    for _ in range(_DEEPEST):
        entries: list[Any] = []
        for holder in level:
            if isinstance(holder, dict):
                entries += holder.values()
            elif isinstance(holder, list | tuple | set):
                entries += holder
            if count + len(entries) > _MOST:
                raise yaml.YAMLError(f"more than {_MOST} settings, counting what aliases repeat")
        if not entries:
            return
        level, count = entries, count + len(entries)
    raise yaml.YAMLError(f"nested more than {_DEEPEST} deep")
