"""Protects: a run's models are asked for by name, and what a name does not say is told in a sentence."""

import pytest
from typer.testing import CliRunner

from mllmu.cli import app
from mllmu.study.finished_run.named_models import finished_recipe, model_name, named_model, unlearned_models
from mllmu.study.recipe.recipe_settings import dump_recipe
from tests.study.small_runs import recipe


@pytest.fixture
def finished(tmp_path):
    """Make the folder of a run that was finished, as far as names of models are read of it."""

    def make(**changes):
        (tmp_path / "recipe.yaml").write_text(dump_recipe(recipe("tiny", **changes)))
        (tmp_path / "results.parquet").touch()
        return tmp_path

    return make


def said(*arguments):
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert result.exit_code == 2, result.output
    return " ".join(result.stderr.split())


@pytest.mark.parametrize("command", ["depth", "recoverability"])
def test_a_run_without_unlearned_models_has_nothing_to_measure(command, finished):
    folder = finished(methods={})
    assert "mllmu: the run has no unlearned models; expected one at least" in said(command, folder)
    assert sorted(path.name for path in folder.iterdir()) == ["recipe.yaml", "results.parquet"]


def test_a_name_that_several_models_have_is_told_with_theirs(finished):
    folder = finished(seeds=[0, 1])
    push = ["push", "model", "npo", "--run", folder, "--to", "owner/npo"]
    sentence = "The run has 2 models 'npo'; expected one of npo-both-forget34-seed0, npo-both-forget34-seed1."
    assert sentence in said(*push)
    for name in ("vanilla", "retrained"):
        assert f"The run has 2 models '{name}'; expected one of" in said(*push[:2], name, *push[3:])
    assert "unknown model of the run 'npo-both'" in said(*push[:2], "npo-both", *push[3:])


def test_the_whole_name_means_one_and_the_method_all_of_them(finished):
    made = finished_recipe(finished(seeds=[0, 1]))
    assert named_model(made, "npo-both-forget34-seed1").seed == 1
    assert [model_name(one) for one in unlearned_models(made, ["npo"])] == [
        "npo-both-forget34-seed0",
        "npo-both-forget34-seed1",
    ]
