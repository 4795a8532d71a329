"""Protects: an empty path is refused by every command, and a report that fails leaves nothing behind."""

from unittest.mock import Mock

import pandas as pd
import pytest
from typer.testing import CliRunner

from mllmu.benchmark import load_benchmark
from mllmu.cli import app
from mllmu.errors import UserError
from mllmu.files import updated_folder
from mllmu.models import model_location
from tests.report.world import make_results

SYNTHETIC = "--benchmark synthetic --model tiny"
EVALUATE = f"evaluate {SYNTHETIC} --forget 5"
MODEL = ["--benchmark", "people", "--model", "tiny"]
COMMANDS = {
    "synthesize": ["synthesize", "--out", ""],
    "train": ["train", *MODEL, "--out", ""],
    "unlearn": ["unlearn", "npo", *MODEL, "--forget", "5", "--out", ""],
    "evaluate": ["evaluate", *MODEL, "--forget", "5", "--out", ""],
    "run": ["run", "--out", ""],
    "export": ["export", "tiny", "--out", ""],
    "push": ["push", "model", "", "--to", "owner/model"],
    "push data": ["push", "data", "", "--to", "owner/people"],
    "report": ["report", "runs", "--out", " "],
    "a reference": ["evaluate", *MODEL, "--forget", "5", "--out", "new", "--reference", ""],
    "a recipe": ["run", "--recipe", ""],
    "folders": ["report", ""],
    "judge": ["judge", "import", "", "--scores", ""],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_an_empty_path_is_refused(command, tmp_path, monkeypatch):
    """`--out "$OUT"` without the variable would mean the folder that the command is called in."""
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, COMMANDS[command])
    assert result.exit_code == 2
    assert "A path is empty" in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_is_no_model(name):
    with pytest.raises(UserError, match="There is no model"):
        model_location(name)


def everything_in(folder):
    return {path: path.is_file() and path.read_bytes() for path in folder.rglob("*")}


@pytest.mark.parametrize("out", [[], ["--out", "deep/new"], ["--out", "old"]])
def test_a_report_that_fails_leaves_nothing_behind(out, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run" / "records").mkdir(parents=True)
    (tmp_path / "run" / "records" / "vanilla-forget10-seed0.parquet").write_bytes(b"damaged")
    people = "--profiles 4 --celebrities 2 --holdout 1 --forget 25 --image-size 32 --test-image-size 32"
    assert CliRunner().invoke(app, ["synthesize", *people.split(), "--out", "people"]).exit_code == 0
    results = make_results(ratios=(10,), unlearned_on=("both",))
    asked = results.assign(benchmark=load_benchmark("people").fingerprint)
    asked.to_parquet(tmp_path / "run" / "results.parquet")
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "results.parquet").write_text("of before")
    (tmp_path / "old" / "report_of.txt").write_text("run\n")
    before = everything_in(tmp_path)
    result = CliRunner().invoke(app, ["report", "run", "--benchmark", "people", *out])
    assert result.exit_code == 2, result.output
    assert "damaged" in result.stderr
    assert everything_in(tmp_path) == before


@pytest.mark.parametrize(
    "command", ["synthesize", f"train {SYNTHETIC}", f"unlearn npo {SYNTHETIC} --forget 5", EVALUATE]
)
def test_people_are_not_drawn_for_a_folder_that_holds_files(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "mine.txt").write_text("stays")
    assert "already holds files" in refused(monkeypatch, f"{command} --out mine")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("http://localhost:1/v1 --precision bfloat16", "decides itself in what it computes"),
        ("tiny --model-name small", "is to name a server's model"),
    ],
)
def test_people_are_not_drawn_for_a_model_that_is_asked_for_otherwise(monkeypatch, tmp_path, model, said):
    monkeypatch.chdir(tmp_path)
    assert said in refused(
        monkeypatch, f"evaluate --benchmark synthetic --forget 5 --out new --model {model}"
    )
    assert not list(tmp_path.iterdir())


def refused(monkeypatch, command):
    """What a command says that ends before anybody is drawn."""
    monkeypatch.setattr("mllmu.synthesis.synthesize", Mock(side_effect=AssertionError("drawn")))
    result = CliRunner().invoke(app, command.split())
    assert result.exit_code == 2, result.output
    return " ".join(result.stderr.split())


def test_an_updated_folder_keeps_its_other_files(tmp_path):
    for _ in range(2):
        with updated_folder(tmp_path / "a" / "b") as folder:
            (folder / "in").mkdir()
            pd.DataFrame({"a": [1]}).to_parquet(folder / "in" / "one.parquet")
        (tmp_path / "a" / "b" / "other").write_text("stays")
    assert {path.name for path in tmp_path.rglob("*")} == {"a", "b", "in", "one.parquet", "other"}
