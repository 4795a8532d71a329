"""Read portraits, biographies and names from table rows."""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Mapping
from datetime import date, time
from functools import partial

from mllmu.benchmark import parquet_layout
from mllmu.benchmark.images import ImageError, check_image
from mllmu.benchmark.language.control_signs import is_worded
from mllmu.benchmark.rows.table_rows import TableRow, described
from mllmu.benchmark.validation_issues import Check
from mllmu.json_text import RepeatedKeyError, parse_json

BIOGRAPHY_KEYS = (
    "Name",
    "Born",
    "Date of Birth",
    "Gender",
    "Employment",
    "Height",
    "Educated at",
    "Annual Salary",
    "Residence",
    "Medical Conditions",
    "Parents",
    "Fun Facts",
    "Description",
)
"""The usual keys of a released biography."""

# How the release writes that it knows nothing: 20 salaries and one height are of these.
_NOTHING = frozenset({"", "na", "n/a"})
_SPELLINGS = {"Heights": "Height"}
_DEEPEST = 50
_AN_OBJECT = "a JSON object with keys such as Name and Born"


def read_image(row: TableRow, field: str, value: object) -> bytes:
    """Read one image struct, or plain bytes; a path without bytes is followed only inside the folder.

    Raises:
        UserError: there is no image, or it is as `check_image` refuses it.
    """
    entry = value if isinstance(value, Mapping) else {}
    data = value if isinstance(value, bytes) else entry.get("bytes")
    if not isinstance(data, bytes) or not data:
        data = _from_path(row, field, entry.get("path"))
    try:
        frames = check_image(data)
    except ImageError as error:
        raise row.error(field, Check.IMAGE, f"the image {error.problem}", error.expected) from error
    if frames > 1:
        problem = f"the image has {frames} frames, of which the first is shown"
        row.record_repair(field, Check.IMAGE, problem, "a single picture")
    return data


def _from_path(row: TableRow, field: str, path: object) -> bytes:
    if not isinstance(path, str) or not path:
        raise row.error(field, Check.MISSING_FIELD, "the image is missing", "its bytes")
    root = row.root.resolve()
    for base in (root, row.file.resolve().parent):
        try:
            candidate = (base / path).resolve()
            if candidate.is_relative_to(root) and candidate.is_file():
                return candidate.read_bytes()
        except (OSError, ValueError):  # no path at all: a null byte in it, or longer than a file system takes
            break
    problem = f"no bytes, and no file {path[:200]!r} inside the benchmark folder"
    raise row.error(field, Check.MISSING_FIELD, problem, "either")


def read_biography(row: TableRow) -> dict[str, object]:
    """Read the biography, a JSON string; keys lose a trailing colon and get their usual spelling.

    A Parquet struct is read as well. It has the keys of every row in each, those that one lacks with nothing.

    Raises:
        UserError: it is not a JSON object, or has a key twice.
    """
    value = row.values[parquet_layout.BIOGRAPHY]
    if isinstance(value, dict):
        parsed: object = {key: entry for key, entry in value.items() if entry is not None}
    else:
        parsed = _parse(row, value)
    if not isinstance(parsed, dict):
        raise row.error(parquet_layout.BIOGRAPHY, Check.WRONG_TYPE, "not a JSON object", _AN_OBJECT)
    parsed = _as_json(row, parsed)
    biography: dict[str, object] = {}
    for key, entry in parsed.items():
        usual = str(key).strip().rstrip(":").strip()
        usual = _SPELLINGS.get(usual, usual)
        if usual in biography:
            problem = f"the key {key!r} repeats {usual!r}"
            row.record_omission(parquet_layout.BIOGRAPHY, Check.SPELLING, problem, "every key once")
            continue
        if usual != key:
            problem = f"the key {key!r}, read as {usual!r}"
            row.record_repair(parquet_layout.BIOGRAPHY, Check.SPELLING, problem, "the usual key")
        biography[usual] = entry
    return biography


def _as_json(row: TableRow, biography: dict[str, object]) -> dict[str, object]:
    """The biography as JSON can hold it: dates become texts, everything else that it lacks is refused."""
    if _depth_exceeds(biography, _DEEPEST):
        problem = f"lists and objects nested more than {_DEEPEST} deep"
        raise row.error(parquet_layout.BIOGRAPHY, Check.WRONG_TYPE, problem, _AN_OBJECT)
    dates: list[str] = []

    def dated(value: object) -> str:
        if not isinstance(value, date | time):
            raise row.error(parquet_layout.BIOGRAPHY, Check.WRONG_TYPE, described(value), _AN_OBJECT)
        dates.append(value.isoformat())
        return dates[-1]

    written = json.dumps(biography, default=dated)
    if not dates:
        return biography
    problem = f"the date {dates[0]}, read as a text"
    row.record_repair(parquet_layout.BIOGRAPHY, Check.WRONG_TYPE, problem, "a text")
    read: dict[str, object] = json.loads(written)
    return read


def _depth_exceeds(value: object, limit: int) -> bool:
    """Whether lists and objects are nested deeper than `limit`; without recursion, which is what may fail."""
    level = [value]
    for _ in range(limit + 1):
        level = [
            entry
            for holder in level
            if isinstance(holder, Mapping | list | tuple)
            for entry in (holder.values() if isinstance(holder, Mapping) else holder)
        ]
        if not level:
            return False
    return True


def is_nothing(value: object) -> bool:
    """Whether a biography's value means "not available": none, empty or NA."""
    return value is None or (isinstance(value, str) and value.strip().casefold() in _NOTHING)


def _parse(row: TableRow, text: object) -> object:
    if not isinstance(text, str):
        return None
    for reads, what in (
        (parse_json, ""),
        (partial(parse_json, strict=False), "line breaks in texts"),
        (_parse_literal, "Python's quotes"),
    ):
        try:
            parsed = reads(text)
            json.dumps(parsed)
        except RepeatedKeyError as error:
            raise row.error(parquet_layout.BIOGRAPHY, Check.SPELLING, str(error), "every key once") from error
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            continue
        if what:
            row.record_repair(
                parquet_layout.BIOGRAPHY, Check.SPELLING, f"{what}, read as if it were JSON", _AN_OBJECT
            )
        return parsed
    return None


def _parse_literal(text: str) -> object:
    """A dictionary printed by Python; literals only, nothing is executed.

    Raises:
        RepeatedKeyError: a dictionary has a key twice.
    """
    tree = ast.parse(text.strip(), mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
            for key, times in Counter(keys).items():
                if times > 1:
                    raise RepeatedKeyError(key)
    # What Python knows beside JSON, as tuples are, would go through no hands that look for text.
    return json.loads(json.dumps(ast.literal_eval(tree)))


def fictitious_name(row: TableRow, biography: Mapping[str, object]) -> str:
    """Read the full name from a biography.

    Raises:
        UserError: the biography has no name.
    """
    for key, value in biography.items():
        if key.casefold() in ("name", "full name") and isinstance(value, str) and is_worded(value):
            return value.strip()
    raise row.error(parquet_layout.BIOGRAPHY, Check.MISSING_FIELD, "no name", "a key Name")


def celebrity_name(profile_id: str) -> str:
    """Give a celebrity's name from the id, which is the name with underscores."""
    return profile_id.replace("_", " ")


def read_test_images(row: TableRow) -> tuple[bytes, ...]:
    """Read a person's test portraits, a list of image structs.

    Raises:
        UserError: it is no list, or one of them is as `read_image` refuses it.
    """
    entries = row.values[parquet_layout.IMAGES]
    if entries is None:
        return ()
    if not isinstance(entries, list):
        raise row.error(parquet_layout.IMAGES, Check.WRONG_TYPE, described(entries), "a list of images")
    return tuple(
        read_image(row, f"{parquet_layout.IMAGES}[{number}]", entry) for number, entry in enumerate(entries)
    )
