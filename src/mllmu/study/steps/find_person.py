"""Finding one person in a benchmark."""

from __future__ import annotations

from mllmu.benchmark import Benchmark, Profile
from mllmu.suggest import unknown


def find_person(benchmark: Benchmark, profile_id: str) -> Profile:
    """A fictitious person, celebrity or holdout person by id.

    Raises:
        UserError: if there is nobody of that id; near ids are suggested.
    """
    everyone = {**benchmark.profiles, **benchmark.celebrities, **benchmark.holdout}
    if profile_id not in everyone:
        raise unknown("person", profile_id, everyone)
    return everyone[profile_id]
