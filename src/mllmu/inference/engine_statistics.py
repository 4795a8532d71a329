"""What an engine computed, against what it was asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class EngineStatistics:
    """Counts over all calls of one engine.

    Attributes:
        requested: tokens of all requests, prompts and the parts of answers that predict something: what
            asking one request at a time would compute.
        distinct: those of them that differ from all others in what stands before and at them: the least that
            must be computed.
        computed: tokens the language model computed for them, filling included.
        filling: how many of the computed tokens only fill rows up.
        written: tokens of answers that were decoded, and those that fill up rows that still write.
        pictures: pictures that went through the vision tower.
        forwards: passes through the language model.
    """

    requested: int = 0
    distinct: int = 0
    computed: int = 0
    filling: int = 0
    written: int = 0
    pictures: int = 0
    forwards: int = 0
