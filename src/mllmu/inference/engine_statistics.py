"""Counts of the tokens, images and forward passes that an engine computed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class EngineStatistics:
    """Counts over all calls of one engine.

    Attributes:
        requested: input tokens of all requests, i.e. of prompts and answers without the last answer token:
            what one forward pass per request would compute.
        distinct: requested tokens without repetitions of the same token after the same prefix: the minimum
            that has to be computed.
        computed: input tokens the language model computed, padding included.
        padding: how many of the computed tokens are padding.
        written: generated tokens, padding included.
        pictures: images that went through the vision tower.
        forwards: forward passes of the language model.
    """

    requested: int = 0
    distinct: int = 0
    computed: int = 0
    padding: int = 0
    written: int = 0
    pictures: int = 0
    forwards: int = 0
