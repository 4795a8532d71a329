import pandas as pd
import pytest

from mllmu.errors import UserError
from mllmu.evaluation import read_records, score, write_records
from mllmu.evaluation.records import COLUMNS, record_keys
from tests.evaluation.rows import frame

RECORDS = frame(
    {"profile_id": "1", "question_id": "a", "answer": "in Riga", "response": "in Riga", "value": "Riga"},
    {
        "profile_id": "2",
        "question_id": "b",
        "answer": "x",
        "response": "ž",
        "answer_log_probs": [-0.5, -0.25],
        "answer_is_argmax": [True, False],
        "answer_parts": ["value", "end"],
        "paraphrase_log_probs": [-1.5],
        "wrong_log_probs": [[-2.0, -1.0], [-3.0]],
        "demonstrators": ["7", "3"],
        "view": "test-2",
        "image_digest": "f00",
        "question": "Who?",
        "letter_response": "",
        "judge_score": 7,
    },
)


NESTED_OR_NULL = ["wrong_log_probs", "letter_response", "judge_score"]


def plain(records):
    """Nested lists whatever the container."""
    return [
        {key: value.tolist() if hasattr(value, "tolist") else value for key, value in row.items()}
        for row in records.drop(columns=NESTED_OR_NULL).to_dict("records")
    ]


def test_what_is_written_is_read(tmp_path):
    """Scores of stored records are the scores of the records."""
    path = tmp_path / "deep" / "records.parquet"
    write_records(RECORDS, path)
    stored = read_records(path)
    assert tuple(stored.columns) == COLUMNS
    assert plain(stored) == plain(RECORDS)
    assert [list(one) for one in stored["wrong_log_probs"][1]] == [[-2.0, -1.0], [-3.0]]
    assert list(stored["letter_response"].isna()) == [True, False]
    assert list(stored["judge_score"].fillna(-1)) == [-1, 7]
    assert (
        record_keys(stored)
        == record_keys(RECORDS)
        == [
            ("a", "", "", "", ()),
            ("b", "Who?", "test-2", "f00", ("7", "3")),
        ]
    )
    pd.testing.assert_frame_equal(score(stored), score(RECORDS))
    write_records(stored, path)
    assert plain(read_records(path)) == plain(RECORDS)
    assert [file.name for file in path.parent.iterdir()] == ["records.parquet"]


def test_the_same_records_give_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        write_records(RECORDS, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_files_that_are_no_records_are_named(tmp_path):
    path = tmp_path / "records.parquet"
    with pytest.raises(UserError, match="no records file"):
        read_records(path)
    path.write_bytes(b"PAR1 and then nothing")
    with pytest.raises(UserError, match=r"records\.parquet is damaged"):
        read_records(path)
    RECORDS[["profile_id"]].to_parquet(path)
    with pytest.raises(UserError, match="lacks the column 'question_id'"):
        read_records(path)


def test_a_place_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(UserError, match="could not be written"):
        write_records(RECORDS, blocked / "records.parquet")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]
