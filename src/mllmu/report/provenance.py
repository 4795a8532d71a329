"""What was run: the recipe, the stages with their time and memory, and the versions they ran on."""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from mllmu.report.run_folder import EVALUATIONS_FOLDER, RECIPE_FILE, STAGES_FOLDER

_MANIFESTS = f"{STAGES_FOLDER}/*/manifest.json"
_EVALUATIONS = f"{EVALUATIONS_FOLDER}/*.json"


@dataclass(frozen=True)
class StageCost:
    """What one stage, or all stages of a kind, took.

    Attributes:
        title: what was done.
        count: number of stages.
        seconds: wall-clock time.
        peak_memory_mb: the most memory the process held meanwhile, in MiB; 0 if unknown.
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
        judges: who scored free answers, apart from the rules.
        machine: the machine that wrote the report.
    """

    recipe: str
    rehearsal: int
    kinds: tuple[StageCost, ...]
    stages: tuple[StageCost, ...]
    total: StageCost
    versions: Mapping[str, str]
    precisions: tuple[str, ...]
    judges: tuple[str, ...]
    machine: str


def read_provenance(run_folder: Path) -> Provenance:
    """Gather what a run's folder says about itself; whatever is missing or damaged is left out."""
    file = run_folder / RECIPE_FILE
    recipe = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    manifests = list(_notes(run_folder, _MANIFESTS))
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
        precisions=tuple(sorted(set(_precisions(run_folder, manifests, recipe)))),
        judges=tuple(
            sorted({str(note["judge"]) for note in _notes(run_folder, _EVALUATIONS) if note.get("judge")})
        ),
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
    lessons = _setting(recipe, "fine_tuning", "rehearsal")
    return lessons if isinstance(lessons, int) else 0


def _setting(recipe: str, group: str, name: str) -> object:
    """What a recipe's text says of a setting; None where it says nothing."""
    try:
        return yaml.safe_load(recipe)[group][name]
    except (yaml.YAMLError, KeyError, TypeError):
        return None


def _notes(run_folder: Path, pattern: str) -> Iterable[Mapping[str, object]]:
    # The oldest first, so that kinds come in the order of the work; names are hashes and say nothing.
    paths = sorted(run_folder.glob(pattern), key=lambda path: (path.stat().st_mtime_ns, path.parent.name))
    for path in paths:
        try:
            note = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(note, dict):
            yield note


def _cost(manifest: Mapping[str, object]) -> StageCost:
    title = str(manifest.get("title") or manifest.get("kind") or "stage")
    return StageCost(title, 1, _number(manifest.get("seconds")), _number(manifest.get("peak_memory_mb")))


def _precisions(run_folder: Path, manifests: Iterable[Mapping[str, object]], recipe: str) -> Iterable[str]:
    """In what models were asked, by a run's stages and in single evaluations; a server does not say.

    A run's folder may hold stages of an earlier recipe, which asked in another type.
    """
    wanted = _setting(recipe, "evaluation", "precision")
    stages = (each.get("ingredients") for each in manifests if each.get("kind") == "asking")
    for asked in stages:
        if isinstance(asked, dict) and asked.get("precision"):
            usual = "float32" if asked.get("device") == "cpu" else "bfloat16"
            is_known = wanted is not None and "device" in asked
            if not is_known or asked["precision"] == (usual if wanted == "auto" else wanted):
                yield str(asked["precision"])
    for note in _notes(run_folder, _EVALUATIONS):
        if note.get("precision"):
            yield str(note["precision"])


def _number(value: object) -> float:
    is_number = isinstance(value, (int, float)) and math.isfinite(value)
    return float(value) if is_number else 0.0  # type: ignore[arg-type]


def _sum(title: str, costs: list[StageCost]) -> StageCost:
    return StageCost(
        title,
        len(costs),
        sum(each.seconds for each in costs),
        max((each.peak_memory_mb for each in costs), default=0.0),
    )
