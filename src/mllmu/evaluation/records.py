"""Records: one row per question asked of one model, with everything it answered; stored as Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from mllmu.errors import UserError
from mllmu.evaluation.questions.items import Item, Key
from mllmu.files import atomic_file

if TYPE_CHECKING:
    import pandas as pd

_LOG_PROBS = pa.list_(pa.float32())

# All log-probabilities are natural logarithms of the teacher-forced answer, one per token, the end token
# last. What was not asked is an empty string or an empty list. The columns of `IDENTITY` together tell a
# record from all others of its model.
SCHEMA = pa.schema(
    [
        ("profile_id", pa.string()),
        ("question_id", pa.string()),
        ("view", pa.string()),  # how the person was shown: original, test-1, ...; empty for text
        ("image_digest", pa.string()),  # SHA-256 of the image's bytes, 16 hex digits; empty for text
        ("demonstrators", pa.list_(pa.string())),  # whose answered questions came before
        ("eval_set", pa.string()),
        ("modality", pa.string()),
        ("task", pa.string()),
        ("attribute", pa.string()),
        ("wording", pa.string()),  # seen or withheld; empty where the benchmark does not say
        ("protocol", pa.string()),
        ("question", pa.string()),  # the wording of the benchmark
        ("prompt", pa.string()),  # what the model was given, chat template included
        ("answer", pa.string()),
        ("value", pa.string()),
        (
            "response",
            pa.string(),
        ),  # what the model wrote (generation, cloze), as the protocol reads it; null if missing
        ("options", pa.list_(pa.string())),
        ("option_letters", pa.list_(pa.string())),  # in the order of the options
        ("correct_option", pa.string()),
        ("option_log_probs", pa.list_(pa.float64())),  # sum over an option's tokens, without the end token
        ("option_lengths", pa.list_(pa.int32())),  # tokens of each option, without the end token
        ("letter_log_probs", pa.list_(pa.float64())),  # of each option's letter
        ("letter_response", pa.string()),  # what the model wrote where a letter was asked for, else null
        (
            "chosen_letter",
            pa.string(),
        ),  # the letter it is read as; empty where it names none, null if missing
        ("answer_log_probs", _LOG_PROBS),
        ("answer_is_argmax", pa.list_(pa.bool_())),
        # What each token of the answer to a generation question does: echo, template, value or end; empty
        # where that is not known.
        ("answer_parts", pa.list_(pa.string())),
        # Where asked for: mean and standard deviation of log p of a token drawn from the prediction in place
        # of each token of the answer; norm of the gradient of the answer's mean negative log-likelihood.
        ("answer_log_prob_means", _LOG_PROBS),
        ("answer_log_prob_deviations", _LOG_PROBS),
        ("answer_gradient_norm", pa.float64()),  # null where not asked for
        ("paraphrase_log_probs", _LOG_PROBS),
        ("wrong_log_probs", pa.list_(_LOG_PROBS)),  # one list per wrong answer
        ("judge_score", pa.float64()),  # 1 to 10; 0 where none could be read; null where no judge was asked
    ]
)
COLUMNS = tuple(SCHEMA.names)
_WHERE_ASKED_FOR = ("answer_log_prob_means", "answer_log_prob_deviations", "answer_gradient_norm")

IDENTITY = ("question_id", "question", "view", "image_digest", "demonstrators")


def record_keys(records: pd.DataFrame) -> list[Key]:
    """What tells each record from all others of its model, as `Item.key` does of the item."""
    columns = (records[name] for name in IDENTITY)
    return [(*map(str, texts), tuple(people)) for *texts, people in zip(*columns, strict=True)]  # type: ignore[misc]


def with_python_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """The same with texts as Python strings, which are read one by one many times faster than Arrow's."""
    texts = frame.dtypes[frame.dtypes == "str"].index
    return frame.astype(dict.fromkeys(texts, object))


def records_of_split(records: pd.DataFrame, items: Sequence[Item]) -> pd.DataFrame:
    """The records of one split's items, each under the set it counts in there.

    Args:
        records: answers to at least those items, one row per item.
        items: the items of the split; their order is the order of the result.
    """
    row_of = {key: row for row, key in enumerate(record_keys(records))}
    rows = records.iloc[[row_of[item.key] for item in items]]
    return rows.assign(eval_set=[item.eval_set.value for item in items]).reset_index(drop=True)


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

    Example:
        ::

            records = read_records(Path("runs/quick/records/npo-both-forget10-seed0.parquet"))
    """
    if not path.is_file():
        raise UserError(f"There is no records file at {path}.")
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise UserError(f"The records file {path} is damaged: expected a Parquet file ({error}).") from error
    for name in _WHERE_ASKED_FOR:  # which files of earlier versions do not have
        if name not in table.column_names:
            table = table.append_column(SCHEMA.field(name), pa.nulls(len(table), SCHEMA.field(name).type))
    missing = [name for name in COLUMNS if name not in table.column_names]
    if missing:
        raise UserError(f"The records file {path} lacks the column '{missing[0]}'.")
    return table.select(list(COLUMNS)).to_pandas()
