"""Write a benchmark to a folder in the released layout."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from mllmu.benchmark import parquet_layout
from mllmu.benchmark.iteration import asked
from mllmu.benchmark.splits import checked
from mllmu.benchmark.types import Benchmark, Profile, Question, Task
from mllmu.benchmark.writing.card import dataset_card
from mllmu.benchmark.writing.parquet_schema import table_schemas
from mllmu.files import atomic_folder

# Images of 1024 x 1024 pixels take about a megabyte: one batch stays far below Arrow's 2 GB per column.
_BATCH_ROWS = 64


def write_benchmark(benchmark: Benchmark, folder: str | Path) -> Path:
    """Write a benchmark in the released layout, all of it or nothing.

    What the release has no column for goes into additional columns and configs, so that reading the
    folder again gives an equal benchmark.

    Args:
        benchmark: what to write.
        folder: a new or an empty folder.

    Returns:
        The folder written.

    Raises:
        UserError: the folder already holds something, the disk is full, or a split forgets nobody or
            everybody.

    Example:
        >>> from mllmu.synthesis import synthesize
        >>> write_benchmark(synthesize(profiles=20), "people")  # doctest: +SKIP
        PosixPath('people')
    """
    for split in benchmark.splits.values():
        checked(split)
    people = list(benchmark.profiles.values())
    tested = [benchmark.profiles[profile_id] for profile_id in benchmark.test_order] or people
    half = (len(tested) + 1) // 2
    schemas = table_schemas(letter for _, question in asked(benchmark) for letter in question.options)
    with atomic_folder(folder) as root:
        _write(root, parquet_layout.FULL, schemas.people, [_person_rows(people, parquet_layout.FULL)])
        _write(
            root,
            parquet_layout.TEST,
            schemas.test,
            [_test_rows(tested[:half]), _test_rows(tested[half:])],
        )
        _write(root, parquet_layout.TRAINING, schemas.training, [_training_rows(people)])
        celebrities = benchmark.celebrities.values()
        _write(
            root,
            parquet_layout.CELEBRITIES,
            schemas.people,
            [_person_rows(celebrities, parquet_layout.CELEBRITIES)],
        )
        if benchmark.holdout:
            holdout = benchmark.holdout.values()
            _write(
                root,
                parquet_layout.HOLDOUT,
                schemas.people,
                [_person_rows(holdout, parquet_layout.HOLDOUT)],
            )
            _write(root, parquet_layout.HOLDOUT_TEST, schemas.test, [_test_rows(holdout)])
        if seen := [person for person in people if person.perception_questions]:
            _write(root, parquet_layout.PERCEPTION, schemas.perception, [_perception_rows(seen)])
        for ratio, split in benchmark.splits.items():
            for config, ids in (
                (parquet_layout.forget_config(ratio), split.forget),
                (parquet_layout.retain_config(ratio), split.retain),
            ):
                chosen = [benchmark.profiles[profile_id] for profile_id in ids]
                _write(root, config, schemas.split_people, [_person_rows(chosen, parquet_layout.FULL)])
        configs = sorted(path.name for path in root.iterdir())
        (root / parquet_layout.CARD).write_text(dataset_card(benchmark, configs), encoding="utf-8")
    return Path(folder)


def _write(
    root: Path, config: str, columns: pa.Schema, shards: Sequence[Iterator[dict[str, object]]]
) -> None:
    (root / config).mkdir()
    for index, rows in enumerate(shards):
        path = root / config / parquet_layout.shard_name(index, len(shards))
        with pq.ParquetWriter(path, columns, write_page_checksum=True) as file:
            while batch := list(islice(rows, _BATCH_ROWS)):
                # Rows carry every column there is; the schema picks those that belong to its config.
                file.write_batch(pa.RecordBatch.from_pylist(batch, schema=columns))


def _person_rows(people: Iterable[Profile], config: str) -> Iterator[dict[str, object]]:
    for person in people:
        image = _image(person.image, person.profile_id)
        yield {
            parquet_layout.IMAGE: image,
            parquet_layout.ID: person.profile_id,
            parquet_layout.DIRECTORY: f"{config}/{image['path']}",
            parquet_layout.BIOGRAPHY: json.dumps(person.biography, ensure_ascii=False),
            parquet_layout.PROMPT: person.prompt,
            parquet_layout.PROSE: person.prose,
            parquet_layout.NAME: person.name,
            **_task_columns(person.questions),
        }


def _test_rows(people: Iterable[Profile]) -> Iterator[dict[str, object]]:
    for person in people:
        yield {
            parquet_layout.ID: person.profile_id,
            parquet_layout.IMAGES: [
                _image(data, f"{person.profile_id}_{number}")
                for number, data in enumerate(person.test_images, start=1)
            ],
            **_task_columns(person.test_questions),
        }


def _perception_rows(people: Iterable[Profile]) -> Iterator[dict[str, object]]:
    for person in people:
        yield {parquet_layout.ID: person.profile_id, **_task_columns(person.perception_questions)}


def _training_rows(people: Iterable[Profile]) -> Iterator[dict[str, object]]:
    for person in people:
        metadata = []
        for pair in person.training_questions:
            entry = {"ID": pair.profile_id, "Question": pair.question, "Answer": pair.answer}
            metadata.append({**entry, "Attribute": pair.attribute} if pair.attribute else entry)
        yield {
            parquet_layout.IMAGE: _image(person.image, person.profile_id),
            parquet_layout.ID: person.profile_id,
            parquet_layout.METADATA: json.dumps(metadata, ensure_ascii=False),
        }


def _image(data: bytes, stem: str) -> dict[str, object]:
    suffix = "jpg" if data.startswith(b"\xff\xd8") else "png"
    return {"bytes": data, "path": f"{stem}.{suffix}"}


def _task_columns(questions: Sequence[Question]) -> dict[str, object]:
    columns: dict[str, object] = {
        parquet_layout.CLASSIFICATION: {
            name: [
                {
                    "Question": question.text,
                    "Options": dict(question.options),
                    "Correct_Answer": question.correct_option,
                }
                for question in questions
                if (question.task, question.modality) == (Task.CLASSIFICATION, modality)
            ]
            for modality, name in parquet_layout.CLASSIFICATION_LISTS.items()
        }
    }
    for task, column in parquet_layout.FREE_FORM_COLUMNS.items():
        columns[column] = [
            {
                "Question": question.text,
                "Ground_Truth": question.answer,
                "Type": parquet_layout.FREE_FORM_TYPES[question.modality],
            }
            for question in questions
            if question.task is task
        ]
    columns[parquet_layout.DETAILS] = [
        {
            "question_id": question.question_id,
            "task": question.task.value,
            "modality": question.modality.value,
            "attribute": question.attribute,
            "value": question.value,
            "paraphrased_answer": question.paraphrased_answer,
            "wrong_answers": list(question.wrong_answers),
            "wording": question.wording,
        }
        for question in questions
    ]
    return columns
