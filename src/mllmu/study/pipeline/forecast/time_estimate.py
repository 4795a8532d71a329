"""Estimates of how long stages take, from stages that were measured before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mllmu.study.pipeline.execution.stage_store import manifests_beside


@dataclass(frozen=True)
class Pace:
    """Seconds per unit of work, by kind of stage and by what makes a unit slow or fast."""

    seconds_per_unit: Mapping[tuple[str, str], float]

    def seconds(self, kind: str, scale: str, work: float) -> float | None:
        """How long a stage may take; None where no such stage was measured."""
        per_unit = self.seconds_per_unit.get((kind, scale))
        return None if per_unit is None else per_unit * work


def measure_pace(run_folder: Path) -> Pace:
    """The pace of all stages that lie in a run's folder and in the folders beside it."""
    seconds: dict[tuple[str, str], float] = defaultdict(float)
    work: dict[tuple[str, str], float] = defaultdict(float)
    for manifest in manifests_beside(run_folder):
        try:
            key = str(manifest["kind"]), str(manifest["scale"])
            one = float(manifest["seconds"]), float(manifest["work"])
        except (ValueError, KeyError, TypeError):
            continue  # of an older version: it says nothing about time
        seconds[key] += one[0]
        work[key] += one[1]
    return Pace({key: seconds[key] / work[key] for key in seconds if work[key] > 0})
