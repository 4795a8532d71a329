"""What the reliability benchmark looks at: a folder's files, next to those of an undisturbed run."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from mllmu.files import TEMPORARY_PREFIX
from mllmu.study.pipeline.execution.leases import LEASE_PREFIX

_PAGE, _MANIFEST = "report.html", "manifest.json"
_MEASURED = ("seconds", "peak_memory_mb")
# Times and memory as the page shows them.
_MEASURED_TEXT = re.compile(rb"\d+ h \d+ min|\d+ min \d+ s|\d+(\.\d)? s\b|\d+\.\d GiB")
_SCRATCH = "stages/unfinished-"


@dataclass(frozen=True)
class Found:
    """How a run's folder compares with that of an undisturbed run.

    Attributes:
        differing: files that have the name of a finished file, and other bytes.
        missing: files that are not there.
        unknown: files and folders that are none of an undisturbed run, nor of the next two kinds.
        unfinished: temporary files and folders, and leases.
        scratch: what an unfinished stage goes on from.
    """

    differing: tuple[str, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    unfinished: tuple[str, ...]
    scratch: tuple[str, ...]

    @property
    def left_over(self) -> tuple[str, ...]:
        """What does not belong into the folder of a finished run."""
        return (*self.unknown, *self.unfinished, *self.scratch)

    @property
    def is_whole(self) -> bool:
        """Whether it is the folder of a finished run and nothing else."""
        return not (self.differing or self.missing or self.left_over)

    @property
    def is_sound(self) -> bool:
        """Whether a run can go on in it, and nothing in it is half written."""
        return not self.unfinished and self.has_no_half_file

    @property
    def has_no_half_file(self) -> bool:
        """As `is_sound`, but temporary files may be there, as after a kill."""
        return not (self.differing or self.unknown)

    def __str__(self) -> str:
        parts = [
            f"{name} {', '.join(files[:3])}{' ...' if len(files) > 3 else ''}"
            for name, files in vars(self).items()
            if files
        ]
        return "; ".join(parts) or "as undisturbed"


def contents(folder: Path) -> dict[str, str]:
    """Digest of every file, and the empty text for every folder.

    Of manifests and of the page only what was measured does not count: seconds and memory.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        found[name] = "" if path.is_dir() else sha256(_comparable(path)).hexdigest()
    return found


def compare(folder: Path, whole: Mapping[str, str]) -> Found:
    """Compare a folder with the contents of an undisturbed run's."""
    here = contents(folder)
    scratch = [name for name in here if name.startswith(_SCRATCH)]
    # What is temporary inside goes with it.
    unfinished = [name for name in here if _is_temporary(name) and name not in scratch]
    return Found(
        tuple(name for name in here if name in whole and here[name] != whole[name]),
        tuple(name for name in whole if name not in here),
        tuple(name for name in here if name not in {*whole, *unfinished, *scratch}),
        tuple(unfinished),
        tuple(scratch),
    )


def bytes_of(path: Path, page: int = 4096) -> int:
    """What a file or folder takes of a disk that counts in pages."""
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return sum(-(-file.stat().st_size // page) * page for file in files)


def _is_temporary(name: str) -> bool:
    return any(part.startswith((TEMPORARY_PREFIX, LEASE_PREFIX)) for part in name.split("/"))


def _comparable(path: Path) -> bytes:
    content = path.read_bytes()
    if path.name == _PAGE:
        return _MEASURED_TEXT.sub(b"#", content)
    if path.name == _MANIFEST:
        try:
            manifest = json.loads(content)
        except ValueError:  # half written
            return content
        # A page is longer the longer its times are.
        files = {name: size for name, size in manifest["files"].items() if name != _PAGE}
        return json.dumps({**manifest, **dict.fromkeys(_MEASURED), "files": files}, sort_keys=True).encode()
    return content
