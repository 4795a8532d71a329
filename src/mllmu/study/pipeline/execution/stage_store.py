"""Stages of a run, and the store in which a result is looked up by what it was made of."""

from __future__ import annotations

import json
import logging
import platform
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from mllmu.errors import DivergedError
from mllmu.files import first_folder, holds_files, sweep, unfinished_names
from mllmu.progress import Progress
from mllmu.study.pipeline.execution.leases import Leases
from mllmu.study.pipeline.execution.peak_memory import forget_peak_memory, peak_memory_mb
from mllmu.study.pipeline.execution.stage_clock import StageClock
from mllmu.training import Tracking

MANIFEST_FILE = "manifest.json"
_LOG = logging.getLogger(__name__)
_SCRATCH = "unfinished-"
_RECORDED_PACKAGES = ("mllmu", "torch", "transformers", "numpy", "pandas", "pyarrow")


@dataclass(frozen=True)
class Workplace:
    """Where a stage's work is done.

    Attributes:
        folder: an empty folder, whose content becomes the stage's result; gone if the work is not finished.
        scratch: a folder for what unfinished work goes on from; it may be there already, or not yet, and goes
            when the stage is done.
        tracking: whom trainings tell of their steps besides; None for nobody.
    """

    folder: Path
    scratch: Path
    tracking: Tracking | None = None


def stage_hash(kind: str, code: str, ingredients: Mapping[str, Any]) -> str:
    """Hex digest of 20 digits of what a piece of work is made of; see `Stage`."""
    content = {"kind": kind, "code": code, "ingredients": ingredients}
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:20]


@dataclass(frozen=True)
class Stage:
    """One piece of work whose result is kept.

    Attributes:
        kind: what is done, e.g. ``unlearning``.
        title: for whom it is done, in words for the person who waits.
        code: digest of the source of everything that makes the result.
        ingredients: everything else that can change the result; JSON values.
        make: does the work at the place it is given, and returns facts for the manifest.
        work: how much there is to do, in units of the kind; only for estimates of time.
        scale: what makes a unit slow or fast, e.g. model and device; only for estimates of time.
    """

    kind: str
    title: str
    code: str
    ingredients: Mapping[str, Any]
    make: Callable[[Workplace, Progress], Mapping[str, Any]]
    work: float = 1.0
    scale: str = ""

    @cached_property
    def hash(self) -> str:
        """Hex digest of 20 digits: equal exactly when kind, code and ingredients are."""
        return stage_hash(self.kind, self.code, self.ingredients)


@dataclass(frozen=True)
class Made:
    """A stage's result.

    Attributes:
        folder: the folder that holds it.
        facts: what making it returned.
    """

    folder: Path
    facts: Mapping[str, Any]

    @property
    def hash(self) -> str:
        """The stage's hash, under which its result lies in the store."""
        return self.folder.name


class Store:
    """A folder of stage results, each under its hash; processes on several machines may share it.

    Whoever makes a stage holds the lease on its hash, so that others make something else. Should two make one
    after all, because the first was held up for long, the result that was finished first stays.

    Attributes:
        folder: that of the results.
        leases: who makes which stage, by hash.

    Args:
        folder: where they lie.
        tracking: whom trainings are to tell of their steps besides; None for nobody.
    """

    def __init__(self, folder: Path, tracking: Tracking | None = None) -> None:
        self.folder = folder
        self.leases = Leases(folder)
        self._tracking = tracking

    def find(self, stage: Stage) -> Made | None:
        """The stage's result, or None unless it lies there whole."""
        return self.look_up(stage.hash)

    def look_up(self, key: str) -> Made | None:
        """The result under a hash, or None unless it lies there whole."""
        folder = self.folder / key
        manifest = _read_manifest(folder / MANIFEST_FILE) or {}
        files, facts = manifest.get("files"), manifest.get("facts")
        if not isinstance(files, dict) or not isinstance(facts, dict):
            return None
        try:
            whole = all((folder / name).stat().st_size == size for name, size in files.items())
        except (OSError, ValueError):  # the latter of a name that can be none
            return None
        return Made(folder, facts) if whole else None

    def scratch(self, stage: Stage) -> Path:
        """Where the stage's unfinished work lies."""
        return self.folder / f"{_SCRATCH}{stage.hash}"

    def make(self, stage: Stage, progress: Progress) -> Made:
        """Do the stage's work, under its lease; its folder appears complete or not at all.

        Returns:
            What lies in the store then, which another may have put there first.

        Raises:
            UserError: if the disk is full or the folder cannot be written, or the stage's input is at fault.
        """
        folder, scratch = self.folder / stage.hash, self.scratch(stage)
        if folder.is_dir() and self.find(stage) is None:
            shutil.rmtree(folder)  # damaged
        clock = StageClock(scratch)
        forget_peak_memory()
        with first_folder(folder) as unfinished:
            try:
                workplace = Workplace(unfinished, scratch, self._tracking)
                facts = dict(stage.make(workplace, clock.watched(progress)))
            except OSError:
                # Of two who make the same, as after one was held up, the first takes the other's state away.
                if (made := self.find(stage)) is not None:
                    return made
                raise
            except DivergedError as error:  # which knows its method, but not which of a run's models it is
                raise DivergedError(f"{stage.title}: {error}") from error
            manifest = _manifest(stage, facts, unfinished, clock.seconds())
            text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
            (unfinished / MANIFEST_FILE).write_text(text, encoding="utf-8")
        shutil.rmtree(scratch, ignore_errors=True)
        return self.find(stage) or Made(folder, facts)

    def sweep(self) -> None:
        """Remove what killed processes can no longer use; what has a living maker is spared."""
        self.leases.drop_dead()
        for name in unfinished_names(self.folder):
            if self.leases.claim(name):
                sweep(self.folder, name)
                self.leases.release(name)

    def tidy(self) -> None:
        """Remove unfinished work of stages that are done, and name the rest, which may go on."""
        self.sweep()
        for leftover in sorted(self.folder.glob(f"{_SCRATCH}*")):
            name = leftover.name.removeprefix(_SCRATCH)
            if not self.leases.claim(name):
                continue
            # Without files it failed before there was a state.
            if (self.folder / name).is_dir() or not holds_files(leftover):
                shutil.rmtree(leftover, ignore_errors=True)
            else:
                _LOG.warning(
                    "%s holds the state of an unfinished stage of another recipe, or of other code; it is "
                    "left alone.",
                    leftover,
                )
            self.leases.release(name)


def manifests_beside(run_folder: Path) -> Iterator[Mapping[str, Any]]:
    """The manifests of all stages in a run's folder and in the folders beside it, but for damaged ones.

    They may be of older versions, and lack what this one writes.
    """
    for folder in run_folder.resolve().parent.glob("*"):
        yield from manifests_of(folder)


def manifests_of(run_folder: Path) -> Iterator[Mapping[str, Any]]:
    """The manifests of all stages in a run's folder, but for damaged ones."""
    for path in run_folder.glob(f"stages/*/{MANIFEST_FILE}"):
        manifest = _read_manifest(path)
        if manifest is not None:
            yield manifest


def _read_manifest(path: Path) -> dict[str, Any] | None:
    """What a manifest holds, or None if it is damaged; it may be of an older version."""
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) else None


def _manifest(stage: Stage, facts: dict[str, Any], folder: Path, seconds: float) -> dict[str, Any]:
    files = {str(p.relative_to(folder)): p.stat().st_size for p in sorted(folder.rglob("*")) if p.is_file()}
    return {
        "kind": stage.kind,
        "title": stage.title,
        "hash": stage.hash,
        "code": stage.code,
        "ingredients": stage.ingredients,
        "facts": facts,
        "work": stage.work,
        "scale": stage.scale,
        "seconds": round(seconds, 2),
        "peak_memory_mb": round(peak_memory_mb()),
        "versions": recorded_versions(),
        "files": files,
    }


def recorded_versions() -> dict[str, str]:
    """The versions of Python and of the packages that take part in every result; some may be unknown."""
    versions = {"python": platform.python_version()}
    for package in _RECORDED_PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "unknown"
    return versions
