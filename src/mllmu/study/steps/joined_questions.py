"""Whether models of several folders were asked the same questions, which counts of them do not tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from mllmu.errors import UserError
from mllmu.evaluation.records import IDENTITY, record_keys
from mllmu.report import read_depth, read_recoverability, read_some_records
from mllmu.report.run_folder import DEPTH_FILE, RECORDS_FOLDER, RECOVERABILITY_FILE

_CELL = ["protocol", "eval_set", "modality", "task", "profile_id"]


# Models are compared with others of their ratio and seed: "npo-both-forget10-seed0", or "...-seed-1-strict"
# where folders of several protocols were joined.
_RATIO_AND_SEED = re.compile(r"(forget\d+)-(seed-?\d+)(?:-[a-z_]+)?$")


def _compared_with(stem: str) -> tuple[str, ...]:
    match = _RATIO_AND_SEED.search(stem)
    return match.groups() if match else tuple(stem.split("-")[-2:])


_DRAWN = "drawn_"
"""How the columns begin that say what was drawn."""
_TITLES = {DEPTH_FILE: "The depth", RECOVERABILITY_FILE: "The recoverability"}


class _Asked(NamedTuple):
    """Who was asked first, how many questions, and the sum of their hashes, whatever their order."""

    folder: Path
    size: int
    questions: int


def require_same_questions(folders: Sequence[Path]) -> None:
    """Refuse folders of which two were asked equally many, but other questions about a person.

    Models are compared person by person, where both were asked equally many. Which these are is drawn by
    the seed of `mllmu evaluate --limit`.

    Raises:
        UserError: naming two folders and the person, or a damaged file.
    """
    asked: dict[tuple[str, ...], _Asked] = {}
    for folder in folders:
        for file in sorted((folder / RECORDS_FOLDER).glob("*.parquet")):
            records = read_some_records(file, [*_CELL, *IDENTITY])
            model = _compared_with(file.stem)
            hashes = records.assign(question=[hash(key) >> 16 for key in record_keys(records)])
            sums = hashes.groupby(_CELL, sort=False)["question"].agg(["size", "sum"])
            for cell, size, questions in sums.itertuples(name=None):
                other = asked.setdefault((*model, *map(str, cell)), _Asked(folder, size, questions))
                if other.size == size and other.questions != questions:
                    _, eval_set, modality, task, person = cell
                    raise UserError(
                        f"{other.folder} and {folder} were asked different questions about {person} "
                        f"({eval_set}, {modality}, {task}); expected the same, as by one --limit and --seed"
                    )


def require_same_draws(folders: Sequence[Path]) -> None:
    """Refuse folders whose depth or probes were measured of differently drawn people or questions.

    Raises:
        UserError: naming two folders and what was drawn, or a damaged file.
    """
    for file, read in ((DEPTH_FILE, read_depth), (RECOVERABILITY_FILE, read_recoverability)):
        first: dict[int, tuple[Path, str]] = {}
        for folder in folders:
            table = read(folder)
            if table is None:
                continue
            columns = [name for name in table.columns if name.startswith(_DRAWN)]
            for ratio, rows in table[["forget_ratio", *columns]].drop_duplicates().groupby("forget_ratio"):
                draw = "; ".join(
                    ", ".join(f"{name.removeprefix(_DRAWN)} {row[name]}" for name in columns)
                    for row in rows.to_dict("records")
                )
                other, other_draw = first.setdefault(int(ratio), (folder, draw))
                if draw != other_draw:
                    raise UserError(
                        f"{_TITLES[file]} of {other} and {folder} at {ratio} % is of different draws "
                        f"({other_draw}, and {draw}); expected one, as by the same options of one command"
                    )
