"""Arrow schemas of the released layout, with the metadata by which ``datasets`` decodes images."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from mllmu.benchmark import parquet_layout

IMAGE_TYPE = pa.struct({"bytes": pa.binary(), "path": pa.string()})
_FREE_FORM = pa.struct({"Question": pa.string(), "Ground_Truth": pa.string(), "Type": pa.string()})
_DETAIL = pa.struct(
    {
        "question_id": pa.string(),
        "task": pa.string(),
        "modality": pa.string(),
        "attribute": pa.string(),
        "value": pa.string(),
        "paraphrased_answer": pa.string(),
        "wrong_answers": pa.list_(pa.string()),
        "wording": pa.string(),
    }
)
_TEXTS = {
    name: pa.string()
    for name in (parquet_layout.BIOGRAPHY, parquet_layout.PROMPT, parquet_layout.PROSE, parquet_layout.NAME)
}


@dataclass(frozen=True)
class TableSchemas:
    """The schemas of one benchmark's tables.

    Attributes:
        people: of everybody's original portraits and questions.
        split_people: the same of a split's people, as released without a directory.
        test: of test portraits and questions.
        perception: of questions about what can be seen.
        training: of what is taught.
    """

    people: pa.Schema
    split_people: pa.Schema
    test: pa.Schema
    perception: pa.Schema
    training: pa.Schema


def table_schemas(letters: Iterable[str]) -> TableSchemas:
    """Make the schemas of a benchmark: Arrow drops what a schema has no field for, without a word.

    Args:
        letters: of all its options; those of the release are there in any case.
    """
    tasks = _tasks(tuple(dict.fromkeys((*parquet_layout.LETTERS, *letters))))
    image, profile_id = {parquet_layout.IMAGE: IMAGE_TYPE}, {parquet_layout.ID: pa.string()}
    directory = {parquet_layout.DIRECTORY: pa.string()}
    return TableSchemas(
        people=_with_features({**image, **profile_id, **directory, **_TEXTS, **tasks}),
        split_people=_with_features({**image, **profile_id, **_TEXTS, **tasks}),
        test=_with_features({**profile_id, parquet_layout.IMAGES: pa.list_(IMAGE_TYPE), **tasks}),
        perception=_with_features({**profile_id, **tasks}),
        training=_with_features({**image, **profile_id, parquet_layout.METADATA: pa.string()}),
    )


def _tasks(letters: tuple[str, ...]) -> dict[str, pa.DataType]:
    options = pa.struct({letter: pa.string() for letter in letters})
    choice = pa.struct({"Question": pa.string(), "Options": options, "Correct_Answer": pa.string()})
    lists = {name: pa.list_(choice) for name in parquet_layout.CLASSIFICATION_LISTS.values()}
    return {
        parquet_layout.CLASSIFICATION: pa.struct(lists),
        parquet_layout.GENERATION: pa.list_(_FREE_FORM),
        parquet_layout.CLOZE: pa.list_(_FREE_FORM),
        parquet_layout.DETAILS: pa.list_(_DETAIL),
    }


def _with_features(columns: dict[str, pa.DataType]) -> pa.Schema:
    features = {name: _feature(kind) for name, kind in columns.items()}
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    return pa.schema(columns, metadata=metadata)


def _feature(kind: pa.DataType) -> object:
    # The form in which ``datasets`` (4 and later) stores its features in a Parquet file's metadata.
    if kind == IMAGE_TYPE:
        return {"_type": "Image"}
    if pa.types.is_struct(kind):
        return {field.name: _feature(field.type) for field in kind}
    if pa.types.is_list(kind):
        return {"feature": _feature(kind.value_type), "_type": "List"}
    return {"dtype": str(kind), "_type": "Value"}
