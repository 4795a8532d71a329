"""Protects: under torchrun a run ends with the files and the results of one process."""

import pandas as pd
import yaml

from mllmu.study import run
from mllmu.study.recipe.recipe_settings import dump_recipe
from tests.study.small_runs import COMMON, RATIO, recipe
from tests.together import run_together


def titles(folder):
    """What was done, stage by stage."""
    manifests = folder.glob("stages/*/manifest.json")
    return sorted(yaml.safe_load(path.read_text(encoding="utf-8"))["title"] for path in manifests)


def files(folder):
    """The names of all files but those in stages, whose hashes depend on the last digits of weights."""
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    return sorted(name for name in names if not name.startswith("stages/"))


def test_two_processes_end_with_the_files_of_one(random_model_folder, tmp_path):
    """By plain gradient descent: others blow what is rounded otherwise up to a whole step."""
    plain = {**COMMON, "optimizer": "sgd"}
    wanted = recipe(
        random_model_folder,
        fine_tuning={"max_steps": 4, **plain},
        methods={"npo": {"passes": 0.5, **plain}},
        evaluation={"limit": 1, "letters": False},
        trajectory={"passes": [0.25], "people": 2},
    )
    one = run(wanted, tmp_path / "one", "cpu")
    (tmp_path / "recipe.yaml").write_text(dump_recipe(wanted), encoding="utf-8")
    command = ["run", "--recipe", "recipe.yaml", "--out", "two", "--device", "cpu"]
    code = f"import os; from mllmu.cli import app; os.chdir({str(tmp_path)!r}); app({command})"
    printed = "".join(run_together(code))
    assert printed.count("results: two/results.parquet") == 1
    assert printed.count(f"Forgetting {RATIO} %, unlearned on both\n") == 1
    assert titles(one.folder) == titles(tmp_path / "two")
    assert files(one.folder) == files(tmp_path / "two")
    results = pd.read_parquet(tmp_path / "two" / "results.parquet")
    pd.testing.assert_frame_equal(results, one.results, rtol=0, atol=1e-3)
