"""Derive independent seeds for the parts of a seeded whole, so that no part's draws affect another's."""

from __future__ import annotations

import hashlib
import random


def derive_seed(seed: int, *parts: str | int) -> int:
    """Give a 64-bit seed for one named part of a seeded whole.

    Args:
        seed: the seed of the whole.
        *parts: what the seed is for, e.g. ``"portrait", "001"``; ``1`` and ``"1"`` are different parts.

    Returns:
        An integer from 0 to 2**64 - 1, the same in every process and Python version.
    """
    text = repr((int(seed), *parts))
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest(), "big")


def derive_rng(seed: int, *parts: str | int) -> random.Random:
    """Give a fresh random generator for one named part of a seeded whole (see ``derive_seed``)."""
    return random.Random(derive_seed(seed, *parts))
