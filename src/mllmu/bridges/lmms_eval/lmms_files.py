"""The files that lmms-eval writes, read as what they are: data of somebody else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mllmu.errors import UserError
from mllmu.json_text import parse_json

_RESULTS, _SAMPLES = "_results.json", "_samples_"
_FILE_NAME = re.compile(r"[^/\\\0]{1,180}")
_MOST_FILES = 1000
_MOST_RESULTS_BYTES = 2**26
_MOST_SAMPLES_BYTES = 2**31
_MOST_LINE_BYTES = 2**24


@dataclass(frozen=True)
class LmmsResults:
    """One results file.

    Attributes:
        file: where it is; its samples lie beside it.
        content: what it holds.
    """

    file: Path
    content: Mapping[str, Any]

    def part(self, name: str) -> Mapping[str, Any]:
        """One of its tables by task, empty where there is none.

        Raises:
            UserError: it is no table.
        """
        table = self.content.get(name) or {}
        if not isinstance(table, dict):
            raise _malformed(self.file, f"its '{name}' is no object")
        return table

    @property
    def model(self) -> str:
        """What it calls the model; the folder's name where it does not say."""
        return str(self.content.get("model_name") or self.file.parent.name)

    def samples(self, task: str) -> Iterator[Mapping[str, Any]]:
        """The questions of a task with what was answered, one by one; none where they were not written.

        Raises:
            UserError: the file is too large, or a line is no JSON object.
        """
        if not _FILE_NAME.fullmatch(task):
            return
        file = self.file.with_name(f"{self.file.name.removesuffix(_RESULTS)}{_SAMPLES}{task}.jsonl")
        if file.is_file():
            yield from _lines(file)


def read_lmms_results(folder: Path) -> list[LmmsResults]:
    """All results below a folder, the oldest first as their names say.

    Raises:
        UserError: there are none, too many, or one cannot be read.
    """
    files = sorted(folder.rglob(f"*{_RESULTS}"), key=lambda file: (file.name, str(file)))
    if not files:
        raise UserError(f"{folder} holds no results of lmms-eval; expected files named *{_RESULTS} below it.")
    if len(files) > _MOST_FILES:
        raise UserError(f"{folder} holds {len(files)} results files; expected at most {_MOST_FILES}.")
    return [LmmsResults(file, _object(file)) for file in files]


def _object(file: Path) -> Mapping[str, Any]:
    _require_size(file, _MOST_RESULTS_BYTES)
    return _parsed(file, file.read_bytes(), "it")


def _lines(file: Path) -> Iterator[Mapping[str, Any]]:
    _require_size(file, _MOST_SAMPLES_BYTES)
    with file.open("rb") as lines:
        number = 0
        while line := lines.readline(_MOST_LINE_BYTES + 1):
            number += 1
            if len(line) > _MOST_LINE_BYTES:
                raise _malformed(file, f"line {number} has more than {_MOST_LINE_BYTES} bytes")
            if line.strip():
                yield _parsed(file, line, f"line {number}")


def _require_size(file: Path, most: int) -> None:
    if (size := file.stat().st_size) > most:
        raise _malformed(file, f"it has {size} bytes, more than {most}")


def _parsed(file: Path, text: bytes, what: str) -> Mapping[str, Any]:
    try:
        value = parse_json(text)
    except ValueError as error:
        raise _malformed(file, f"{what} is no JSON ({error})") from error
    if not isinstance(value, dict):
        raise _malformed(file, f"{what} is no JSON object")
    return value


def _malformed(file: Path, fault: str) -> UserError:
    return UserError(f"{file} cannot be used: {fault}; expected what lmms-eval writes with --log_samples.")
