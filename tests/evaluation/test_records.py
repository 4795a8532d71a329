import pandas as pd
import pyarrow.parquet as pq
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
        "answer_log_prob_means": [-1.25, -2.0],
        "answer_log_prob_deviations": [0.5, 0.75],
        "answer_gradient_norm": 3.5,
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


ON_REQUEST = ["answer_log_prob_means", "answer_log_prob_deviations", "answer_gradient_norm"]
ON_REQUEST_ATTACKS = ["min_k_plus_plus", "grad_norm"]
NESTED_OR_NULL = ["wrong_log_probs", "letter_response", "judge_score", "answer_gradient_norm"]


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
    assert list(stored["answer_gradient_norm"].fillna(-1)) == [-1, 3.5]
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


def test_files_without_what_is_recorded_on_request_are_read(tmp_path):
    """Those of earlier versions: nothing was asked for, and all other scores are the same."""
    path, names = tmp_path / "records.parquet", [name for name in COLUMNS if name not in ON_REQUEST]
    write_records(RECORDS, path)
    pq.write_table(pq.read_table(path).select(names), path)
    stored = read_records(path)
    assert tuple(stored.columns) == COLUMNS and stored[ON_REQUEST].isna().all(axis=None)
    unread = [f"membership_{one}({attack})" for one in ("auc", "tpr") for attack in ON_REQUEST_ATTACKS]
    expected = score(RECORDS)
    is_unread = expected["metric"].isin(unread)
    assert is_unread.sum() == len(unread)
    pd.testing.assert_frame_equal(score(stored), expected[~is_unread].reset_index(drop=True))


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
