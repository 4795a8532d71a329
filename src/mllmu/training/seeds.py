"""Seeds for the parts of a training, so that no part's draws depend on another's."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

import numpy as np
import torch


def part_seed(seed: int, *part: object) -> int:
    """A seed in [0, 2**31) for one named part of a run; the same on every machine and in every process."""
    digest = sha256(repr((seed, *part)).encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


@contextmanager
def kept_random_state() -> Iterator[None]:
    """Give back the global random states as they were: transformers.Trainer seeds all of them."""
    python_state, numpy_state = random.getstate(), np.random.get_state()
    try:
        with torch.random.fork_rng():
            yield
    finally:
        random.setstate(python_state)
        np.random.set_state(numpy_state)
