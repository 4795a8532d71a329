"""Content hash of a benchmark, by which stored results are matched to it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum

from mllmu.benchmark.images import image_digest
from mllmu.benchmark.types import Benchmark, Profile


def fingerprint(benchmark: Benchmark) -> str:
    """Hash people, splits and test order of a benchmark (SHA-256, 64 hex digits).

    People without perception questions hash as they did before there were any.

    Stable between runs, machines and Python versions; the order of the people counts, since training sees it.
    """
    digest = hashlib.sha256()
    for people in (benchmark.profiles, benchmark.celebrities, benchmark.holdout):
        for profile_id, profile in people.items():
            digest.update(_canonical({profile_id: profile}))
        digest.update(b"\n\n")  # no text contains a raw newline in JSON, so this ends a population
    for ratio in sorted(benchmark.splits):
        digest.update(_canonical(benchmark.splits[ratio]))
    if benchmark.test_order:
        digest.update(_canonical(benchmark.test_order))
    return digest.hexdigest()


def _canonical(value: object) -> bytes:
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=True).encode() + b"\n"


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        plain = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        if isinstance(value, Profile) and not value.perception_questions:
            del plain["perception_questions"]
        return plain
    if isinstance(value, bytes):
        return image_digest(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value
