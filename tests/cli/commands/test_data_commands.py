"""Protects ``mllmu data``: what it prints for people and machines, and its exit codes."""

import io
import json
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from rich.console import Console
from typer.testing import CliRunner

from mllmu.benchmark import load_benchmark, write_benchmark
from mllmu.cli import app
from mllmu.cli.benchmark_views import asked_table, person_view
from mllmu.synthesis import synthesize


def invoke(*arguments):
    return CliRunner().invoke(app, ["data", *map(str, arguments)])


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data") / "people"
    made = synthesize(profiles=4, celebrities=1, holdout=1, image_size=64, test_image_size=64, ratios=(25,))
    return write_benchmark(made, folder)


@pytest.fixture
def spoiled(people, tmp_path):
    """A folder whose third person has a damaged portrait."""
    folder = write_benchmark(load_benchmark(people), tmp_path / "spoiled")
    (file,) = (folder / "Full_Set").glob("*.parquet")
    table = pq.read_table(file)
    rows = table.to_pylist()
    rows[2]["image"]["bytes"] = b"this is no image"
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), file)
    return folder


def test_generated_people_pass_without_findings(people):
    result = invoke("validate", people, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "benchmark": "synthetic",
        "errors": 0,
        "warnings": 0,
        "findings": [],
    }


def test_an_error_is_named_and_changes_the_exit_code(spoiled):
    """For people: the end of the file's path, row, field, and a table; for machines: one object."""
    result = invoke("validate", spoiled)
    assert result.exit_code == 1
    line = result.stdout.splitlines()[0]
    assert line.startswith("error")
    for word in ("image", "spoiled/Full_Set/", "row 2", "does not decode", "expected a PNG"):
        assert word in line
    assert "in all" in result.stdout
    said = invoke("validate", spoiled, "--json")
    assert said.exit_code == 1
    [finding] = json.loads(said.stdout)["findings"]
    assert (finding["severity"], finding["check"], finding["row"]) == ("error", "image", 2)
    assert finding["field"] == "image"


def test_brackets_in_a_benchmark_are_no_markup(people, tmp_path):
    """Its name and its attributes are somebody else's words."""
    folder = write_benchmark(replace(load_benchmark(people), name="people [/y]"), tmp_path / "named")
    result = invoke("validate", folder)
    assert result.exit_code == 0
    assert "people [/y]" in result.stdout
    console = Console(width=80)
    with console.capture() as captured:
        console.print(asked_table({"home[/y]_town": (1, 2)}))
    assert "home[/y] town" in captured.get()


def test_a_benchmark_that_cannot_be_read_at_all_is_bad_input(tmp_path):
    result = invoke("validate", tmp_path)
    assert result.exit_code == 2
    assert "Full_Set" in result.stderr


def test_statistics_for_machines(people):
    """4 people twice and a celebrity: 9 times 18 questions; one biography field of each person."""
    content = json.loads(invoke("stats", people, "--json").stdout)
    assert content["table_1"]["questions"] == 162
    assert sum(one["evaluation"] for one in content["questions"].values()) == 162
    names = next(one for one in content["biographies"] if one["key"] == "Name")
    assert (names["distinct"], names["missing"]) == (4, 0)


def test_statistics_for_people(people):
    said = invoke("stats", people).stdout
    for heading in ("Table 1", "Biographies", "Questions"):
        assert heading in said


def test_a_person_is_shown_without_a_portrait_where_there_are_no_colours(people):
    said = invoke("show", people, "--id", "002").stdout
    person = load_benchmark(people).profiles["002"]
    assert person.name in said
    assert "Annual Salary" in said
    assert f"* {person.questions[0].correct_option}" in said
    assert "▀" not in said and "▄" not in said


@pytest.mark.parametrize("size", [None, (3200, 17), (17, 3200)])
def test_the_portrait_is_drawn_in_a_terminal_with_colours(people, size):
    """A strip, too, which nothing forbids; a tall one does not take thousands of lines."""
    person = load_benchmark(people).profiles["002"]
    if size:
        drawn = io.BytesIO()
        Image.new("RGB", size, (200, 80, 10)).save(drawn, "PNG")
        person = replace(person, image=drawn.getvalue())
    console = Console(force_terminal=True, color_system="truecolor", width=120)
    with console.capture() as captured:
        console.print(person_view(person, console))
    assert "▀" in captured.get() or "▄" in captured.get()
    assert len(captured.get().splitlines()) < 1000


def test_an_unknown_person_gets_a_suggestion(people):
    result = invoke("show", people, "--id", "0o2")
    assert result.exit_code == 2
    assert "'002'" in result.stderr
