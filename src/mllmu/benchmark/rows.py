"""Rows of Parquet files that come from elsewhere, each knowing where it is for the sake of error messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mllmu.benchmark import layout
from mllmu.errors import UserError

# Small, because a row may hold several large images.
_BATCH_ROWS = 16


@dataclass(frozen=True)
class LoadNote:
    """One entry of a folder that was repaired or left out on loading.

    Attributes:
        file: path of the Parquet file, as found.
        row: its row, counted from 0.
        field: its column, with the place inside it where there is one.
        what: what was wrong and what was done.
    """

    file: str
    row: int
    field: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}, row {self.row}, field {self.field}: {self.what}"


@dataclass
class LoadReport:
    """Everything that was repaired or left out while a benchmark was loaded, in the order of reading."""

    notes: list[LoadNote] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """One row: its values by column, and its place.

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

    def where(self, field: str) -> str:
        """Name the row and one of its fields, at the start of a sentence."""
        return f"{self.file}, row {self.number}, field {field}"

    def error(self, field: str, what: str) -> UserError:
        """Make the error that says what is wrong with a field and what was expected."""
        return UserError(f"{self.where(field)}: {what}")

    def note(self, field: str, what: str) -> None:
        """Record a repair or an omission."""
        self.report.notes.append(LoadNote(str(self.file), self.number, field, what))

    def profile_id(self) -> str:
        """Whom the row is about; released ids are zero-padded, so a bare number is padded to three digits.

        Raises:
            UserError: there is no id.
        """
        value = self.values[layout.ID]
        if isinstance(value, int):
            return f"{value:03d}"
        if not isinstance(value, str) or not value.strip():
            raise self.error(layout.ID, "the id is missing; expected a text such as 001.")
        return value.strip()

    def text(self, field: str) -> str:
        """A column of text; empty where the column or the value is missing."""
        value = self.values.get(field)
        return value if isinstance(value, str) else ""


def read_rows(
    root: Path, config: str, required: Sequence[str], report: LoadReport, optional: Sequence[str] = ()
) -> Iterator[Row]:
    """Read the named columns of a config, row by row, from all its files.

    Raises:
        UserError: a file is missing or damaged, or a required column is missing.
    """
    for path in layout.parquet_files(root, config):
        file = _Damaged(path)
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
                    yield Row(root, path, number, values, report)
                    number += 1


class _Damaged:
    """A context in which what pyarrow raises on a damaged file becomes a sentence about that file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, pa.ArrowException | OSError | ValueError):
            reason = " ".join(str(error).split())[:160]
            raise UserError(
                f"{self._path} is damaged or no Parquet file ({reason}); expected a readable Parquet file."
            ) from error
