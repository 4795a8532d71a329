"""All protocols by name."""

from __future__ import annotations

from mllmu.evaluation.protocol import Protocol
from mllmu.registry import Registry

_MEMBERS = ("name", "title", "headline", "items", "check_demonstrators", "put", "write_files")

PROTOCOLS: Registry[Protocol] = Registry(
    "protocol",
    "mllmu.evaluation.protocols",
    "mllmu.protocols",
    lambda value: not isinstance(value, type) and all(hasattr(value, name) for name in _MEMBERS),
)


def protocol_names() -> list[str]:
    """All names that `get_protocol` knows."""
    return PROTOCOLS.names()


def get_protocol(name: str) -> Protocol:
    """The protocol of that name.

    Raises:
        UserError: no protocol has that name; near names are suggested.

    Example:
        >>> get_protocol("strict").name
        'strict'
    """
    return PROTOCOLS.get(name)
