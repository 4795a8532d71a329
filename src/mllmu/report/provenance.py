"""What was run: the recipe, the stages with their time and memory, and the versions they ran on."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from mllmu.report.run_folder import RECIPE_FILE

_MANIFESTS = "stages/*/manifest.json"


@dataclass(frozen=True)
class StageCost:
    """What one stage, or all stages of a kind, took.

    Attributes:
        title: what was done.
        count: number of stages.
        seconds: wall-clock time.
        peak_memory_mb: the most memory the process had held by the end of it, in MiB; 0 if unknown.
    """

    title: str
    count: int
    seconds: float
    peak_memory_mb: float

    @property
    def time(self) -> str:
        """The time in words."""
        return duration(self.seconds)


@dataclass(frozen=True)
class Provenance:
    """What a reader needs to run it again.

    Attributes:
        recipe: the recipe file's text; empty if there is none.
        rehearsal: lessons about each celebrity in an epoch of fine-tuning, as the recipe says; 0 for none.
        kinds: cost by kind of stage, in the order of the first of each.
        stages: cost of every stage.
        total: cost of all.
        versions: package -> version; several versions are joined by a comma.
        precisions: the types in which the folder's models were asked.
        machine: the machine that wrote the report.
    """

    recipe: str
    rehearsal: int
    kinds: tuple[StageCost, ...]
    stages: tuple[StageCost, ...]
    total: StageCost
    versions: Mapping[str, str]
    precisions: tuple[str, ...]
    machine: str


def read_provenance(run_folder: Path) -> Provenance:
    """Gather what a run's folder says about itself; whatever is missing or damaged is left out."""
    file = run_folder / RECIPE_FILE
    recipe = file.read_text(encoding="utf-8") if file.is_file() else ""
    manifests = list(_manifests(run_folder))
    stages = [_cost(each) for each in manifests]
    by_kind: dict[str, list[StageCost]] = {}
    versions: dict[str, dict[str, None]] = {}
    for manifest, stage in zip(manifests, stages, strict=True):
        by_kind.setdefault(str(manifest.get("kind") or "stage").replace("_", " "), []).append(stage)
        recorded = manifest.get("versions")
        for package, version in recorded.items() if isinstance(recorded, dict) else ():
            versions.setdefault(str(package), {})[str(version)] = None
    return Provenance(
        recipe=recipe,
        rehearsal=_rehearsal(recipe),
        kinds=tuple(_sum(kind, costs) for kind, costs in by_kind.items()),
        stages=tuple(stages),
        total=_sum("all stages", stages),
        versions={package: ", ".join(each) for package, each in sorted(versions.items())},
        precisions=tuple(sorted({name for each in manifests if (name := _asked_in(each))})),
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count() or '?'} processor cores",
    )


def duration(seconds: float) -> str:
    """Return a time span as one or two units: ``0.4 s``, ``42 s``, ``3 min 5 s``, ``2 h 7 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _rehearsal(recipe: str) -> int:
    """What ``fine_tuning.rehearsal`` says; recipes of before there was such a setting say nothing."""
    try:
        lessons = yaml.safe_load(recipe)["fine_tuning"]["rehearsal"]
    except (yaml.YAMLError, KeyError, TypeError):
        return 0
    return lessons if isinstance(lessons, int) else 0


def _manifests(run_folder: Path) -> Iterable[Mapping[str, object]]:
    # The oldest first, so that kinds come in the order of the work; names are hashes and say nothing.
    paths = sorted(run_folder.glob(_MANIFESTS), key=lambda path: (path.stat().st_mtime_ns, path.parent.name))
    for path in paths:
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(manifest, dict):
            yield manifest


def _cost(manifest: Mapping[str, object]) -> StageCost:
    title = str(manifest.get("title") or manifest.get("kind") or "stage")
    return StageCost(title, 1, _number(manifest.get("seconds")), _number(manifest.get("peak_memory_mb")))


def _asked_in(manifest: Mapping[str, object]) -> str:
    """In what a stage asked a model; empty for other stages."""
    ingredients = manifest.get("ingredients")
    if manifest.get("kind") != "asking" or not isinstance(ingredients, dict):
        return ""
    return str(ingredients.get("precision", ""))


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def _sum(title: str, costs: list[StageCost]) -> StageCost:
    return StageCost(
        title,
        len(costs),
        sum(each.seconds for each in costs),
        max((each.peak_memory_mb for each in costs), default=0.0),
    )
