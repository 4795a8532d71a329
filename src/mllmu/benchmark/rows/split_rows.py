"""Read forget/retain splits from a folder's configs ``forget_N`` and ``retain_M``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from mllmu.benchmark import parquet_layout
from mllmu.benchmark.load_report import LoadReport, RowError
from mllmu.benchmark.rows.row_ids import existing_id
from mllmu.benchmark.rows.table_rows import TableRow, read_rows
from mllmu.benchmark.splits import extreme, has_official_ids, official_splits, retained
from mllmu.benchmark.types import Profile, Split
from mllmu.benchmark.validation_issues import Check, Location, Severity, ValidationIssue


def read_splits(folder: Path, people: Mapping[str, Profile], report: LoadReport) -> dict[int, Split]:
    """Read a folder's splits; the published ones where it has none and these are the published people.

    ``forget_N`` decides: whoever is not in it is retained, in the order of ``retain_M`` where there is one.

    Raises:
        UserError: a folder's name is not understood, a file cannot be read, names somebody who is not in the
            benchmark, retains somebody who is forgotten, or forgets nobody or everybody.
    """
    configs = parquet_layout.split_configs(folder)
    if not configs and has_official_ids(tuple(people)):
        return official_splits()
    _note_spellings(folder, configs, report)
    splits = {}
    for ratio, names in configs.items():
        split = _read_split(folder, ratio, names, people, report)
        if report.attempt(partial(_check, folder / names.forget, split), False):
            splits[ratio] = split
            _note_share(folder / names.forget, split, len(people), report)
    return splits


def _note_share(config: Path, split: Split, n_people: int, report: LoadReport) -> None:
    """Warn where a split does not forget as many as its name says, give or take one person for rounding."""
    if abs(len(split.forget) - n_people * split.forget_ratio / 100) > 1:
        location = Location(str(config), None, parquet_layout.ID)
        problem = f"{len(split.forget)} of {n_people} people, named after {split.forget_ratio} % of them"
        expected = f"about {n_people * split.forget_ratio / 100:.0f}"
        report.notes.append(ValidationIssue(Severity.WARNING, Check.SPLIT, location, problem, expected))


def _note_spellings(
    folder: Path, configs: Mapping[int, parquet_layout.SplitConfigs], report: LoadReport
) -> None:
    for ratio, names in configs.items():
        for name, usual in (
            (names.forget, parquet_layout.forget_config(ratio)),
            (names.retain, parquet_layout.retain_config(ratio)),
        ):
            if name not in (None, usual):
                location = Location(str(folder / name), None, parquet_layout.ID)
                problem = f"the folder {name}, read as {usual}"
                report.notes.append(
                    ValidationIssue(Severity.WARNING, Check.SPELLING, location, problem, f"the name {usual}")
                )


def _check(config: Path, split: Split) -> bool:
    if problem := extreme(split):
        location = Location(str(config), None, parquet_layout.ID)
        expected = "somebody to forget and somebody to retain"
        raise RowError(ValidationIssue(Severity.ERROR, Check.SPLIT, location, problem, expected))
    return True


def _read_split(
    folder: Path,
    ratio: int,
    names: parquet_layout.SplitConfigs,
    people: Mapping[str, Profile],
    report: LoadReport,
) -> Split:
    forget_config, retain_config = names.forget, names.retain
    forget = tuple(_read_ids(folder, forget_config, people, report))
    if retain_config is None:
        return Split(ratio, forget, retained(tuple(people), forget, ratio))
    rows = _read_ids(folder, retain_config, people, report)
    for profile_id in forget:
        if profile_id in rows:
            report.attempt(lambda row=rows[profile_id]: _refuse(row, forget_config), None)  # type: ignore[misc]
    lacking = [profile_id for profile_id in people if profile_id not in rows and profile_id not in forget]
    if lacking:
        whole = Location(str(folder / retain_config), None, parquet_layout.ID)
        *_, last = [whole, *(row.location(parquet_layout.ID) for row in rows.values())]
        problem = (
            f"the file ends without {', '.join(lacking)}, counted as retained because not in {forget_config}"
        )
        expected = "everybody in one of the two"
        report.notes.append(ValidationIssue(Severity.ERROR, Check.SPLIT, last, problem, expected))
    return Split(ratio, forget, (*(one for one in rows if one not in forget), *lacking))


def _refuse(row: TableRow, forget_config: str) -> None:
    problem = f"{row.values[parquet_layout.ID]} is also in {forget_config}"
    raise row.error(parquet_layout.ID, Check.SPLIT, problem, "everybody in one of the two")


def _read_ids(
    folder: Path, config: str, people: Mapping[str, Profile], report: LoadReport
) -> dict[str, TableRow]:
    rows: dict[str, TableRow] = {}
    for row in read_rows(folder, config, (parquet_layout.ID,), report):
        profile_id = report.attempt(partial(existing_id, row, people), "")
        if profile_id in rows:
            problem = f"the id {profile_id} is repeated, and counted once"
            row.record_repair(parquet_layout.ID, Check.DUPLICATE_ID, problem, "every person once")
        elif profile_id:
            rows[profile_id] = row
    return rows
