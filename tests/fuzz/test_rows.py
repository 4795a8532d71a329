"""Benchmark tables as people bring them: a benchmark or one sentence, and nothing left out unsaid."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mllmu.benchmark import Severity, load_benchmark_with_report
from mllmu.benchmark.load_report import CollectingReport
from tests.benchmark.released import pair, person, row_of_test_set, tasks, taught

from .odd_values import JSON, mutated
from .properties import check_sentence, made_or_refused

PEOPLE = [
    person("001", {"Name": "Ada Berg", "Height": "168 cm", "Parents": {"Father": "x"}, "Fun Facts": ["y"]}),
    person("002", "{'Name': 'Bo Dahl', 'Annual Salary': '€62,000'}", 2),
]
DETAILS = [
    {"question_id": f"q{number}", "task": task, "modality": modality, "value": "v", "wrong_answers": ["w"]}
    for number, (task, modality) in enumerate(
        [("classification", "image_text")] * 2
        + [("classification", "text"), ("generation", "text"), ("generation", "image_text")]
        + [("cloze", "image_text")]
    )
]
TABLES = {
    "Full_Set": [*PEOPLE, {**PEOPLE[0], "ID": "003", "question_details": DETAILS}],
    "Retain_Set": [person("Kal_Example", {"Name": "ignored"}, 4)],
    "Test_Set": [row_of_test_set("001"), row_of_test_set("002")],
    "ft_Data": [
        taught("001", [pair("001", "Name?", "Ada."), pair("001", "Job?", "Nurse.")]),
        taught("002", [pair("002", "Name?", "Bo.")]),
    ],
}
ODD_CELLS = st.one_of(JSON, st.binary(max_size=4), st.dates(), st.datetimes(), st.decimals(allow_nan=False))
METADATA = st.one_of(
    mutated([pair("001", "Name?", "Ada."), pair("001", "Job?", "Nurse.")]).map(json.dumps),
    st.sampled_from(["[" * 5000, "[]", '[{"Question": "\\ud800x", "Answer": 1, "Attribute": "\\udfff"}]']),
)
BIOGRAPHIES = st.one_of(
    mutated({"Name": "Ada", "Parents": {"Father": "x", "Na<s>me": 2}, "Na<s>me": "Bo"}).map(json.dumps),
    mutated({"Name": "Ada", "Parents": {1: ("x",)}}).map(repr),
    st.sampled_from([40, 60, 400, 5000]).map(lambda depth: '{"Name":' + "[" * depth + "]" * depth + "}"),
)


@st.composite
def tables(draw):
    """The released tables with odd values in some rows, and odd JSON inside some texts."""
    made = {}
    for config, rows in TABLES.items():
        odd = draw(mutated(rows, ODD_CELLS, most=2))
        made[config] = [row for row in odd if isinstance(row, dict)] if isinstance(odd, list) else []
        for row in made[config]:
            for column, texts in (("metadata", METADATA), ("biography", BIOGRAPHIES)):
                if column in row and draw(st.integers(0, 3)) == 0:
                    row[column] = draw(texts)
    return made


def save(folder: Path, made: dict[str, list[dict[str, object]]]) -> None:
    """One file for each row, because the types of a column are those of its file."""
    for config, rows in made.items():
        (folder / config).mkdir()
        for number, row in enumerate(rows):
            try:
                pq.write_table(pa.Table.from_pylist([row]), folder / config / f"{number}.parquet")
            except (pa.ArrowException, OverflowError, TypeError, ValueError):
                assume(False)


def brought(folder: Path) -> Iterator[tuple[str, int, str]]:
    """File, row and field of every row, question and taught pair that lies in a folder."""
    for path in folder.glob("*/*.parquet"):
        for number, row in enumerate(pq.read_table(path).to_pylist()):
            yield str(path), number, "ID"
            columns = {column: row.get(column) for column in ("Generation_Task", "Mask_Task", "metadata")}
            choices = row.get("Classification_Task")
            for name in tasks()["Classification_Task"] if isinstance(choices, dict) else ():
                columns[f"Classification_Task.{name}"] = choices.get(name)
            for column, entries in columns.items():
                if column == "metadata" and isinstance(entries, str):
                    try:
                        entries = json.loads(entries)
                    except (ValueError, RecursionError):
                        continue
                for position in range(len(entries)) if isinstance(entries, list) else ():
                    yield str(path), number, f"{column}[{position}]"


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return lambda: tmp_path_factory.mktemp("brought")


@given(tables())
def test_what_is_read_and_what_is_reported_is_what_was_brought(folders, made):
    folder = folders()
    save(folder, made)
    strict = made_or_refused(lambda: load_benchmark_with_report(folder), str(folder))
    loaded = made_or_refused(lambda: load_benchmark_with_report(folder, CollectingReport()), str(folder))
    if loaded is None:
        assert strict is None
        return
    benchmark, report = loaded
    people = [*benchmark.profiles.values(), *benchmark.celebrities.values()]
    ids = [question.question_id for one in people for question in (*one.questions, *one.test_questions)]
    assert len(ids) == len(set(ids))
    keys = {*ids, *(f"{one.profile_id}/original" for one in people)}
    for one in people:
        keys |= {f"{one.profile_id}/training/{number}" for number in range(len(one.training_questions))}
        json.dumps(asdict(one), default=len, ensure_ascii=False).encode()
    kept = {(place.file, place.row, place.field) for key, place in report.locations.items() if key in keys}
    for note in report.notes:
        check_sentence(str(note), note.location.file)
    for file, row, field in brought(folder):
        said = [note for note in report.notes if (note.location.file, note.location.row) == (file, row)]
        if field == "ID":  # rows of other tables than the people's are told of by what stands in them
            whole = "_Set" not in Path(file).parent.name or "Test" in Path(file).parent.name
            assert whole or said or (file, row, "image") in kept, (file, row)
        elif (file, row, field) not in kept:
            about = ("ID", "question_details", field.split("[")[0].split(".")[0])
            # An error in one question's form costs the row's others; a warning speaks of its own field.
            assert any(
                note.severity is Severity.ERROR or note.location.field.startswith(about) for note in said
            ), (file, row, field, said)
