"""Protects: models are compared with those of their ratio and seed, however their files are called."""

from pathlib import Path

import pytest

from mllmu.errors import UserError
from mllmu.evaluation import write_records
from mllmu.study.steps.joined_questions import require_same_questions
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
