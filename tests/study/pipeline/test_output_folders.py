"""Protects: files that mllmu did not make are never written over by a run or a report."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from mllmu.cli import app
from mllmu.errors import UserError
from mllmu.report.run_folder import MADE_FILES, RECIPE_FILE
from mllmu.study.pipeline.output_folders import note_joined, require_report_folder, require_run_folder


@pytest.mark.parametrize("name", [RECIPE_FILE, *MADE_FILES, "records", "evaluations", "tables"])
def test_a_run_takes_no_folder_that_holds_a_file_it_would_write(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine", encoding="utf-8")
    with pytest.raises(UserError, match=f"holds {name}, which a run would write over"):
        require_run_folder(tmp_path)


def test_a_run_takes_new_folders_its_own_and_those_with_other_files(tmp_path: Path) -> None:
    """A log that a shell opened before the run is no reason to refuse."""
    require_run_folder(tmp_path / "new")
    (tmp_path / "run.log").touch()
    require_run_folder(tmp_path)
    (tmp_path / "results.parquet").touch()
    (tmp_path / "stages").mkdir()
    with pytest.raises(UserError, match=r"holds results.parquet, which a run would write over"):
        require_run_folder(tmp_path)
    (tmp_path / RECIPE_FILE).touch()
    require_run_folder(tmp_path)


def test_a_report_takes_only_what_an_earlier_one_made(tmp_path: Path) -> None:
    """The folder of an evaluation, or of a run, holds the only copy of its answers."""
    require_report_folder(tmp_path / "new")
    (tmp_path / "records").mkdir()
    with pytest.raises(UserError, match="holds records, which such a report would write over"):
        require_report_folder(tmp_path)
    note_joined(tmp_path, [Path("runs/a"), Path("runs/b")])
    require_report_folder(tmp_path)
    assert (tmp_path / "report_of.txt").read_text(encoding="utf-8") == "runs/a\nruns/b\n"


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_a_run_over_own_files_ends_with_one_sentence_and_leaves_them(
    options: list[str], tmp_path: Path
) -> None:
    recipe = tmp_path / "work" / "recipe.yaml"
    recipe.parent.mkdir()
    recipe.write_text("# my recipe\nmethods: {npo: {}}\n", encoding="utf-8")
    (recipe.parent / "records").mkdir()
    before = recipe.read_bytes()
    told = CliRunner().invoke(app, ["run", "--recipe", str(recipe), "--out", str(recipe.parent), *options])
    assert told.exit_code == 2
    assert "holds recipe.yaml" in " ".join(told.stderr.split())
    assert recipe.read_bytes() == before
    assert sorted(file.name for file in recipe.parent.iterdir()) == ["recipe.yaml", "records"]


def test_a_file_as_folder_is_told_as_one(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for require in (require_run_folder, require_report_folder):
        with pytest.raises(UserError, match="is a file; expected the name of a folder"):
            require(tmp_path / "file")
