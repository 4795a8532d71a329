"""Rows of Parquet files; each has its file and row number, so that error messages can name them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeGuard

import pyarrow as pa
import pyarrow.parquet as pq

from mllmu.benchmark import parquet_layout
from mllmu.benchmark.language.comparable_text import is_blank
from mllmu.benchmark.language.control_signs import control_signs
from mllmu.benchmark.load_report import LoadReport, RowError
from mllmu.benchmark.validation_issues import Check, Location, Severity, ValidationIssue
from mllmu.errors import UserError

# Small, because a row may hold several large images.
_BATCH_ROWS = 16
LONGEST_TEXT = 100_000
"""Characters of one text; names, questions and answers have a few hundred at most."""


@dataclass(frozen=True)
class TableRow:
    """One table row: its values by column, its file and its number.

    Attributes:
        root: the benchmark folder.
        file: the Parquet file.
        number: the row in the file, counted from 0.
        values: column -> value; columns that the file does not have are missing.
        report: where repairs are noted.
    """

    root: Path
    file: Path
    number: int
    values: dict[str, Any]
    report: LoadReport

    def location(self, field: str) -> Location:
        """Location of one of the row's fields."""
        return Location(str(self.file), self.number, field)

    def error(self, field: str, check: Check, problem: str, expected: str) -> RowError:
        """Make the error that says what is wrong with a field and what was expected."""
        return RowError(ValidationIssue(Severity.ERROR, check, self.location(field), problem, expected))

    def record_omission(self, field: str, check: Check, problem: str, expected: str) -> None:
        """Record an error about something that cannot be used and is left out."""
        self.record_error(field, check, f"left out: {problem}", expected)

    def record_error(self, field: str, check: Check, problem: str, expected: str) -> None:
        """Record an error in something that stays in the benchmark."""
        self.report.notes.append(
            ValidationIssue(Severity.ERROR, check, self.location(field), problem, expected)
        )

    def record_repair(self, field: str, check: Check, problem: str, expected: str) -> None:
        """Record a warning about something irregular that is used nevertheless."""
        self.report.notes.append(
            ValidationIssue(Severity.WARNING, check, self.location(field), problem, expected)
        )

    def profile_id(self) -> str:
        """Id of the person in the row; a bare number is zero-padded to three digits, as in the release.

        Raises:
            UserError: there is no id.
        """
        value = self.values[parquet_layout.ID]
        profile_id = padded_id(value)
        if profile_id is None:
            raise self.error(
                parquet_layout.ID, Check.MISSING_FIELD, "the id is missing", "a text such as 001"
            )
        if signs := control_signs(profile_id):
            raise self.error(
                parquet_layout.ID, Check.CONTROL_SIGN, f"{signs} in the id", "a text such as 001"
            )
        if profile_id != value:
            self.record_repair(
                parquet_layout.ID, Check.SPELLING, f"the id {value!r}, read as {profile_id}", "a text"
            )
        return profile_id

    def text(self, field: str) -> str:
        """Value of a text column; empty if the column or the value is missing."""
        return self.as_text(field, self.values.get(field))

    def as_text(self, field: str, value: object) -> str:
        """A text as it is, a number as a text, and noted; empty for everything else, and for blanks alone."""
        if isinstance(value, str) and len(value) > LONGEST_TEXT:
            raise self.error(
                field, Check.WRONG_TYPE, f"a text of {len(value):,} characters", f"at most {LONGEST_TEXT:,}"
            )
        if value is None or isinstance(value, str):
            return "" if value is None or is_blank(value) else value
        if _is_finite(value):
            # Whole numbers of any length stay as they are: not all of them fit a float.
            text = str(int(value) if isinstance(value, float) and value.is_integer() else value)
            self.record_repair(field, Check.WRONG_TYPE, f"the number {value}, read as a text", "a text")
            return text
        self.record_omission(field, Check.WRONG_TYPE, described(value), "a text")
        return ""


def _is_finite(value: object) -> TypeGuard[int | float]:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def padded_id(value: object) -> str | None:
    """Give an id as a text, zero-padded if it is a number; None if the value is no id.

    Tools that took 001 for a number made 1 of it, or 1.0 where a row had none.
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return f"{value:03d}"
    return value.strip() or None if isinstance(value, str) else None


def described(value: object) -> str:
    """Name the JSON kind of an unexpected value, for error messages."""
    kinds = {dict: "an object", list: "a list", str: "a text", bytes: "bytes", bool: "a truth value"}
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return "a number"
    return "nothing" if value is None else kinds.get(type(value), f"a value of type {type(value).__name__}")


def read_rows(
    root: Path, config: str, required: Sequence[str], report: LoadReport, optional: Sequence[str] = ()
) -> Iterator[TableRow]:
    """Read the named columns of a config, row by row, from all its files.

    Raises:
        UserError: a file is missing or damaged, or a required column is missing.
    """
    for path in parquet_layout.parquet_files(root, config):
        file = _ReadErrors(path)
        with file:
            table = pq.ParquetFile(path, page_checksum_verification=True)
        with table:
            present = table.schema_arrow.names
            for column in required:
                if column not in present:
                    raise UserError(f"{path} has no column {column}; it has {', '.join(present)}.")
            wanted = [column for column in (*required, *optional) if column in present]
            batches = table.iter_batches(batch_size=_BATCH_ROWS, columns=wanted)
            number = 0
            while True:
                with file:
                    batch = next(batches, None)
                    rows = batch.to_pylist() if batch is not None else []
                if batch is None:
                    break
                for values in rows:
                    yield TableRow(root, path, number, values, report)
                    number += 1


class _ReadErrors:
    """A context in which what pyarrow raises on a damaged file becomes a sentence about that file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, pa.ArrowException | OSError | ValueError | OverflowError):
            reason = " ".join(str(error).split())[:160]
            raise UserError(
                f"{self._path} is damaged or no Parquet file ({reason}); expected a readable Parquet file."
            ) from error
