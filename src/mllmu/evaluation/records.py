"""Records: one row per question asked of one model, with everything it answered; stored as Parquet."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mllmu.errors import UserError
from mllmu.files import atomic_file

_LOG_PROBS = pa.list_(pa.float32())

# All log-probabilities are natural logarithms of the teacher-forced answer, one per token, the end token
# last. What was not asked is an empty string or an empty list.
SCHEMA = pa.schema(
    [
        ("profile_id", pa.string()),
        ("question_id", pa.string()),
        ("eval_set", pa.string()),
        ("modality", pa.string()),
        ("task", pa.string()),
        ("attribute", pa.string()),
        ("protocol", pa.string()),
        ("question", pa.string()),  # the wording of the benchmark
        ("prompt", pa.string()),  # what the model was given, chat template included
        ("answer", pa.string()),
        ("value", pa.string()),
        ("response", pa.string()),  # what the model wrote (generation, cloze)
        ("options", pa.list_(pa.string())),  # in the order of their letters
        ("correct_option", pa.string()),
        ("chosen_option", pa.string()),  # by length-normalised likelihood of the option texts
        ("option_log_probs", pa.list_(pa.float64())),  # sum over an option's tokens, without the end token
        ("option_lengths", pa.list_(pa.int32())),  # tokens of each option, without the end token
        ("letter_log_probs", pa.list_(pa.float64())),  # of each option's letter
        ("answer_log_probs", _LOG_PROBS),
        ("answer_is_argmax", pa.list_(pa.bool_())),
        ("paraphrase_log_probs", _LOG_PROBS),
        ("wrong_log_probs", pa.list_(_LOG_PROBS)),  # one list per wrong answer
    ]
)
COLUMNS = tuple(SCHEMA.names)


def write_records(records: pd.DataFrame, path: Path) -> None:
    """Store records at `path`, which either is complete or is not there.

    Raises:
        UserError: the file cannot be written, e.g. because the disk is full.
    """
    table = pa.Table.from_pandas(records[list(COLUMNS)], schema=SCHEMA, preserve_index=False)
    with atomic_file(path) as unfinished:
        pq.write_table(table, unfinished, compression="zstd")


def read_records(path: Path) -> pd.DataFrame:
    """The records stored at `path`.

    Raises:
        UserError: the file is missing, damaged, or lacks a column.
    """
    if not path.is_file():
        raise UserError(f"There is no records file at {path}.")
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise UserError(f"The records file {path} is damaged: expected a Parquet file ({error}).") from error
    missing = [name for name in COLUMNS if name not in table.column_names]
    if missing:
        raise UserError(f"The records file {path} lacks the column '{missing[0]}'.")
    return table.select(list(COLUMNS)).to_pandas()
