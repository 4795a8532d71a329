"""The other columns of a row: portraits, biographies and what fine-tuning teaches."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from typing import Any

from mllmu.benchmark import layout
from mllmu.benchmark.images import check_image
from mllmu.benchmark.rows import Row
from mllmu.benchmark.types import TrainingQuestion

_SPELLINGS = {"Heights": "Height"}


def read_image(row: Row, field: str, value: object) -> bytes:
    """Read one image struct; a path without bytes is followed only inside the benchmark folder.

    Raises:
        UserError: there is no image, it is damaged, or it has more than 50 megapixels.
    """
    entry = value if isinstance(value, Mapping) else {}
    data = entry.get("bytes") or _from_path(row, field, entry.get("path"))
    check_image(data, f"{row.where(field)}: the image")
    return data


def _from_path(row: Row, field: str, path: object) -> bytes:
    if not isinstance(path, str) or not path:
        raise row.error(field, "the image is missing; expected its bytes.")
    root = row.root.resolve()
    for base in (root, row.file.resolve().parent):
        candidate = (base / path).resolve()
        if candidate.is_relative_to(root) and candidate.is_file():
            return candidate.read_bytes()
    raise row.error(field, f"no bytes, and no file {path!r} inside the benchmark folder; expected either.")


def read_biography(row: Row) -> dict[str, object]:
    """Read the biography, a JSON string; keys lose a trailing colon and get their usual spelling.

    Raises:
        UserError: it is not a JSON object.
    """
    value = row.values[layout.BIOGRAPHY]
    parsed = value if isinstance(value, dict) else _parse(value)
    if not isinstance(parsed, dict):
        raise row.error(layout.BIOGRAPHY, "not a JSON object; expected keys such as Name and Born.")
    biography: dict[str, object] = {}
    for key, entry in parsed.items():
        usual = str(key).strip().rstrip(":").strip()
        usual = _SPELLINGS.get(usual, usual)
        if usual in biography:
            row.note(layout.BIOGRAPHY, f"left out: the key {key!r} repeats {usual!r}")
            continue
        if usual != key:
            row.note(layout.BIOGRAPHY, f"the key {key!r} is read as {usual!r}")
        biography[usual] = entry
    return biography


def _parse(text: object) -> object:
    if not isinstance(text, str):
        return None
    try:
        return json.loads(text, strict=False)
    except ValueError:
        pass
    try:
        return ast.literal_eval(text)  # a dictionary printed by Python; literals only, nothing is executed
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def fictitious_name(row: Row, biography: Mapping[str, object]) -> str:
    """Read the full name from a biography.

    Raises:
        UserError: the biography has no name.
    """
    for key, value in biography.items():
        if key.casefold() in ("name", "full name") and isinstance(value, str) and value.strip():
            return value.strip()
    raise row.error(layout.BIOGRAPHY, "no name; expected a key Name.")


def celebrity_name(profile_id: str) -> str:
    """A celebrity's id is the name with underscores."""
    return profile_id.replace("_", " ")


def read_training_questions(row: Row) -> list[TrainingQuestion]:
    """Read what fine-tuning teaches about one person.

    Entries without question or answer are left out and noted.

    Raises:
        UserError: the column is not a JSON list of objects.
    """
    profile_id = row.profile_id()
    try:
        entries: Any = json.loads(row.text(layout.METADATA))
    except ValueError as error:
        raise row.error(layout.METADATA, f"not JSON ({error}); expected a list of questions.") from error
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise row.error(layout.METADATA, "expected a JSON list of objects with ID, Question and Answer.")
    pairs = []
    for position, entry in enumerate(entries):
        field = f"{layout.METADATA}[{position}]"
        question, answer = entry.get("Question"), entry.get("Answer")
        if not question or not answer:
            row.note(field, "left out: no question or no answer")
            continue
        if str(entry.get("ID", profile_id)) != profile_id:
            row.note(field, f"names the id {entry['ID']!r}; the row's id {profile_id} is used")
        pairs.append(
            TrainingQuestion(profile_id, str(question), str(answer), str(entry.get("Attribute") or ""))
        )
    return pairs
