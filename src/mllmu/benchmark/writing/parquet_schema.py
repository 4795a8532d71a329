"""Arrow schemas of the released layout, with the metadata by which ``datasets`` decodes images."""

from __future__ import annotations

import json

import pyarrow as pa

from mllmu.benchmark import parquet_layout

IMAGE_TYPE = pa.struct({"bytes": pa.binary(), "path": pa.string()})
_OPTIONS = pa.struct({letter: pa.string() for letter in parquet_layout.LETTERS})
_CHOICE = pa.struct({"Question": pa.string(), "Options": _OPTIONS, "Correct_Answer": pa.string()})
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
_TASKS = {
    parquet_layout.CLASSIFICATION: pa.struct(
        {name: pa.list_(_CHOICE) for name in parquet_layout.CLASSIFICATION_LISTS.values()}
    ),
    parquet_layout.GENERATION: pa.list_(_FREE_FORM),
    parquet_layout.CLOZE: pa.list_(_FREE_FORM),
    parquet_layout.DETAILS: pa.list_(_DETAIL),
}
_TEXTS = {
    name: pa.string()
    for name in (parquet_layout.BIOGRAPHY, parquet_layout.PROMPT, parquet_layout.PROSE, parquet_layout.NAME)
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


PEOPLE = _with_features(
    {
        parquet_layout.IMAGE: IMAGE_TYPE,
        parquet_layout.ID: pa.string(),
        parquet_layout.DIRECTORY: pa.string(),
        **_TEXTS,
        **_TASKS,
    }
)
SPLIT_PEOPLE = _with_features(
    {parquet_layout.IMAGE: IMAGE_TYPE, parquet_layout.ID: pa.string(), **_TEXTS, **_TASKS}
)
TEST = _with_features({parquet_layout.ID: pa.string(), parquet_layout.IMAGES: pa.list_(IMAGE_TYPE), **_TASKS})
PERCEPTION = _with_features({parquet_layout.ID: pa.string(), **_TASKS})
TRAINING = _with_features(
    {parquet_layout.IMAGE: IMAGE_TYPE, parquet_layout.ID: pa.string(), parquet_layout.METADATA: pa.string()}
)
