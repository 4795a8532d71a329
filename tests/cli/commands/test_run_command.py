"""Protects: of two options that say the same, none wins in silence."""

import pytest
from typer.testing import CliRunner

from mllmu.cli import app

TWICE = {
    "--recipe mine.yaml --preset quick": "preset 'quick' and recipe mine.yaml are both given",
    "--seed 1 --set seeds=[0,2]": "--seed and --set seeds say the same twice",
    "--limit 3 --set evaluation.limit=4": "--limit and --set evaluation.limit say the same twice",
}


@pytest.mark.parametrize(("options", "told"), TWICE.items(), ids=TWICE)
def test_what_is_said_twice_is_refused(options, told, tmp_path):
    result = CliRunner().invoke(app, ["run", *options.split(), "--out", str(tmp_path / "out"), "--dry-run"])
    assert result.exit_code == 2 and not (tmp_path / "out").exists()
    assert f"{told}; expected one of them" in " ".join(result.output.split())


def test_tuning_takes_one_recipe_as_well():
    result = CliRunner().invoke(app, ["tune", "npo", "--recipe", "mine.yaml", "--preset", "quick"])
    assert result.exit_code == 2 and "are both given; expected one of them" in " ".join(result.output.split())
