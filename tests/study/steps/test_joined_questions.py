"""Protects: models are compared with those of their ratio and seed, however their files are called."""

from pathlib import Path

import pandas as pd
import pytest

from mllmu.errors import UserError
from mllmu.evaluation import write_records
from mllmu.report.numbers import depths, recoveries
from mllmu.report.run_folder import DEPTH_FILE, RECOVERABILITY_FILE
from mllmu.study.steps.joined_questions import require_same_draws, require_same_questions
from tests.evaluation.set_metrics.models import answer, frame


def asked(folder: Path, stem: str, question: str) -> Path:
    """A folder in which one question about one person was asked."""
    (folder / "records").mkdir(parents=True)
    row = {**answer("1", [-1.0]), "question_id": question}
    write_records(frame(row), folder / "records" / f"{stem}.parquet")
    return folder


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ("vanilla-forget25-seed0", "npo-both-forget25-seed0", True),
        ("vanilla-forget25-seed0-strict", "npo-both-forget25-seed0", True),
        ("vanilla-forget25-seed-1", "npo-both-forget25-seed-1-strict", True),
        ("vanilla-forget25-seed0-strict", "npo-both-forget25-seed1-strict", False),
        ("vanilla-forget25-seed-1", "npo-both-forget50-seed-1", False),
    ],
)
def test_other_questions_of_one_ratio_and_seed_are_refused(
    tmp_path: Path, first: str, second: str, refused: bool
) -> None:
    folders = [asked(tmp_path / "a", first, "1/0"), asked(tmp_path / "b", second, "1/1")]
    if refused:
        with pytest.raises(UserError, match="were asked different questions about 1"):
            require_same_questions(folders)
    else:
        require_same_questions(folders)


def probed(folder: Path, file: str, columns: tuple[str, ...], ratio: int, people: int, seed: int) -> Path:
    """A folder in which so many people were probed."""
    folder.mkdir(exist_ok=True)
    row = dict.fromkeys(columns, "") | {"forget_ratio": ratio, "drawn_people": people, "drawn_seed": seed}
    pd.DataFrame([row, row]).to_parquet(folder / file)
    return folder


@pytest.mark.parametrize(
    ("file", "columns"), [(DEPTH_FILE, depths.COLUMNS), (RECOVERABILITY_FILE, recoveries.COLUMNS)]
)
@pytest.mark.parametrize(
    ("other", "is_refused"), [((5, 20, 0), False), ((5, 8, 0), True), ((5, 20, 7), True), ((10, 8, 7), False)]
)
def test_what_was_probed_by_other_draws_is_not_joined(
    tmp_path: Path, file: str, columns: tuple[str, ...], other: tuple[int, int, int], is_refused: bool
) -> None:
    folders = [
        probed(tmp_path / "a", file, columns, 5, 20, 0),
        probed(tmp_path / "b", file, columns, *other),
        asked(tmp_path / "c", "vanilla-forget25-seed0", "1/0"),
    ]
    if is_refused:
        with pytest.raises(UserError, match=r"of different draws.*people 20, seed 0"):
            require_same_draws(folders)
    else:
        require_same_draws(folders)
