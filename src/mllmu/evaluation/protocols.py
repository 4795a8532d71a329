"""All protocols by name."""

from __future__ import annotations

from mllmu.evaluation.protocol import Protocol
from mllmu.evaluation.strict import STRICT
from mllmu.suggest import unknown

PROTOCOLS: dict[str, Protocol] = {protocol.name: protocol for protocol in (STRICT,)}


def protocol_names() -> tuple[str, ...]:
    """All names that `get_protocol` knows."""
    return tuple(PROTOCOLS)


def get_protocol(name: str) -> Protocol:
    """The protocol of that name.

    Raises:
        UserError: no protocol has that name.
    """
    if name not in PROTOCOLS:
        raise unknown("protocol", name, PROTOCOLS)
    return PROTOCOLS[name]
