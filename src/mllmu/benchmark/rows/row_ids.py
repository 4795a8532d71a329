"""Whom a row is about: somebody new, somebody there is, or nobody."""

from __future__ import annotations

from collections.abc import Callable, Container
from functools import partial

from mllmu.benchmark import parquet_layout
from mllmu.benchmark.rows.table_rows import TableRow
from mllmu.benchmark.validation_issues import Check


def new_id(row: TableRow, seen: Container[str], taken: Container[str] = ()) -> str:
    """The id of a row that is the only one about its person.

    Args:
        row: the row.
        seen: the ids of earlier rows.
        taken: the ids of people of other configs, from whom this one has to be told.

    Raises:
        UserError: there is no id, or somebody has it.
    """
    profile_id = row.profile_id()
    if profile_id in taken:
        problem = f"the id {profile_id} is also that of somebody in another set of people"
        raise row.error(parquet_layout.ID, Check.DUPLICATE_ID, problem, "an id of one's own for everybody")
    if profile_id in seen:
        problem = f"the id {profile_id} is repeated"
        raise row.error(parquet_layout.ID, Check.DUPLICATE_ID, problem, "every person once")
    return profile_id


def existing_id(row: TableRow, people: Container[str], config: str = parquet_layout.FULL) -> str:
    """The id of a row about somebody there is.

    Args:
        row: the row.
        people: the ids of all there are.
        config: where they are from, for the message.

    Raises:
        UserError: there is no id, or nobody has it.
    """
    profile_id = row.profile_id()
    if profile_id not in people:
        raise row.error(parquet_layout.ID, Check.UNKNOWN_ID, *_unknown(profile_id, config))
    return profile_id


def id_or_omission(
    row: TableRow,
    people: Container[str],
    config: str = parquet_layout.FULL,
    read: Callable[[TableRow], str] = TableRow.profile_id,
) -> str:
    """The id of a row about somebody there is; empty for a row that is left out, which is noted.

    Args:
        row: the row.
        people: the ids of all there are.
        config: where they are from, for the note.
        read: gives the row's id, or raises a `RowError`.
    """
    profile_id = row.report.attempt(partial(read, row), "")
    if profile_id and profile_id not in people:
        row.record_omission(parquet_layout.ID, Check.UNKNOWN_ID, *_unknown(profile_id, config))
        return ""
    return profile_id


def _unknown(profile_id: str, config: str) -> tuple[str, str]:
    """What is wrong with an id that nobody has, and what was expected."""
    return f"nobody has the id {profile_id}", f"an id of {config}"
