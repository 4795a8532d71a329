"""All protocols by name."""

from __future__ import annotations

from mllmu.evaluation.official import OFFICIAL, OFFICIAL_IDEFICS2
from mllmu.evaluation.protocol import Protocol
from mllmu.evaluation.strict import STRICT
from mllmu.suggest import unknown

_ALL: tuple[Protocol, ...] = (STRICT, OFFICIAL, OFFICIAL_IDEFICS2)
PROTOCOLS = {protocol.name: protocol for protocol in _ALL}


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
