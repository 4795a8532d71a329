"""YAML as people write it: whatever is wrong with it is a `yaml.YAMLError`, and what is read has an end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from mllmu.visible_text import brief

_MOST, _DEEPEST = 10_000, 20
"""More entries, and deeper ones, than recipes or cards have; aliases can write more than fit in memory."""
_MERGE = ("tag:yaml.org,2002:merge", "<<")


class RepeatedSettingError(yaml.MarkedYAMLError):
    """One mapping has a key twice, and nobody can say which of the two values is meant."""

    def __init__(self, key: str, mark: yaml.Mark) -> None:
        super().__init__(problem=f"the key {brief(key)} stands twice in one mapping", problem_mark=mark)


class _DecimalLoader(yaml.SafeLoader):
    """Reads whole numbers as people write them: YAML 1.1 takes 010 for 8, and 1:30 for 90."""


_INT, _FLOAT = "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"
_DecimalLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in (_INT, _FLOAT)]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_DecimalLoader.add_implicit_resolver(_INT, re.compile(r"[-+]?(?:0|[1-9][0-9_]*)$"), list("-+0123456789"))
_DecimalLoader.add_implicit_resolver(
    _FLOAT,
    re.compile(
        r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?"
        r"|[0-9]+[eE][-+]?[0-9]+|\.(?:inf|Inf|INF))$|\.(?:nan|NaN|NAN)$"
    ),
    list("-+0123456789."),
)


class _DecimalDumper(yaml.SafeDumper):
    """Quotes texts that `parse_yaml`, or another reader of YAML 1.1, would take for something else: 2e-5."""


_DecimalDumper.yaml_implicit_resolvers = {
    first: [
        *yaml.SafeDumper.yaml_implicit_resolvers.get(first, []),
        *_DecimalLoader.yaml_implicit_resolvers.get(first, []),
    ]
    for first in {*yaml.SafeDumper.yaml_implicit_resolvers, *_DecimalLoader.yaml_implicit_resolvers}
}


def dump_yaml(value: Any, **how: Any) -> str:
    """A value as YAML from which `parse_yaml` reads the same; `how` as for PyYAML's ``dump``."""
    text: str = yaml.dump(value, Dumper=_DecimalDumper, **how)
    return text


def parse_yaml(text: str, loader: type[Any] = _DecimalLoader) -> Any:
    """The value of a YAML text.

    PyYAML's own constructors raise errors of Python for days that do not exist, tags that do not fit and
    numbers of thousands of digits.

    Raises:
        RepeatedSettingError: if a mapping has a key twice, of which PyYAML takes the last.
        yaml.YAMLError: if it is not YAML, or holds more or deeper settings than can be meant.
    """
    try:
        value = _load(text, loader)
    except RecursionError:
        raise yaml.YAMLError(f"nested more than {_DEEPEST} deep") from None
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
        raise yaml.YAMLError(f"a value that cannot be read: {error}") from error
    _check_extent(value)
    return value


def _load(text: str, loader: type[Any]) -> Any:
    """As ``yaml.load``, with every key of a mapping once."""
    reading = loader(text)
    try:
        node = reading.get_single_node()
        _check_keys(node)
        _check_merges(node)
        return None if node is None else reading.construct_document(node)
    finally:
        reading.dispose()


def _check_keys(root: yaml.Node | None) -> None:
    """Look at what is written, because what ``<<`` merges in is there to be replaced."""
    for node in _mappings(root):
        keys = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and (name := (key.tag, key.value)) != _MERGE:
                if name in keys:
                    raise RepeatedSettingError(key.value, key.start_mark)
                keys.add(name)


def _mappings(root: yaml.Node | None) -> Iterator[yaml.MappingNode]:
    """Every mapping as it is written, once, in the order of the text."""
    to_come, done = [root], set()
    while to_come:
        node = to_come.pop()
        if id(node) in done or not isinstance(node, yaml.CollectionNode):
            continue
        done.add(id(node))  # aliases share nodes, and may lead back to where they stand
        if isinstance(node, yaml.MappingNode):
            yield node
        parts = [part for entry in node.value for part in (entry if isinstance(entry, tuple) else (entry,))]
        to_come += reversed(parts)


def _check_merges(root: yaml.Node | None) -> None:
    """Refuse merges that multiply: PyYAML copies what they merge, doubles included, before it looks at it."""
    sizes: dict[int, int] = {}

    def size(node: yaml.MappingNode) -> int:
        if id(node) not in sizes:
            sizes[id(node)] = _MOST + 1  # what merges itself has no end
            merged = [value for key, value in node.value if key.tag == _MERGE[0]]
            parts = [part for value in merged for part in (value.value if _is_list(value) else [value])]
            copied = sum(size(part) for part in parts if isinstance(part, yaml.MappingNode))
            sizes[id(node)] = len(node.value) + copied
        return sizes[id(node)]

    if sum(map(size, _mappings(root))) > _MOST:
        raise yaml.YAMLError(f"more than {_MOST} settings, counting what merges repeat")


def _is_list(node: yaml.Node) -> bool:
    return isinstance(node, yaml.SequenceNode)


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
