"""Whether a run's models are asked for letters, told from how its vanilla models name them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from mllmu.evaluation import letters_above_chance, read_records
from mllmu.study.pipeline.execution.stage_store import Made
from mllmu.study.pipeline.stages.asking_stages import RECORDS_FILE


def letters_are_told(vanillas: Iterable[Made], seed: int) -> bool:
    """Whether the letters of any vanilla model beat chance; see `letters_above_chance`.

    Args:
        vanillas: the askings of all vanilla models of a run, so that all its models are asked alike.
        seed: draws the samples.
    """
    return any(_above_chance(one.folder / RECORDS_FILE, seed) for one in vanillas)


@cache  # every other model of a run is planned by the same few files
def _above_chance(records: Path, seed: int) -> bool:
    return letters_above_chance(read_records(records), seed)
