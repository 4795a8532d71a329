"""Protects: whoever brings a method, a metric, a view, a layout or a step writes one file, and changes none.

Their package lies outside ours, and is known by its entry points alone, as if it had been installed.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from PIL import Image

from mllmu.evaluation import METRICS
from mllmu.training import training_samples
from mllmu.unlearning.method import Procedure
from tests.extensions.their_unlearning.relearn import Relearn
from tests.extensions.their_unlearning.selective_pruning import SelectivePruning
from tests.extensions.their_unlearning.simnpo import SimNPO
from tests.extensions.their_unlearning.task_arithmetic import TaskArithmetic
from tests.training.people import people, small_model
from tests.unlearning.contract import check_contract

HERE = Path(__file__).parent
OURS = HERE.parents[1] / "src"

ENTRY_POINTS = """\
[mllmu.methods]
their_simnpo = their_unlearning.simnpo
task_arithmetic = their_unlearning.task_arithmetic:TaskArithmetic
selective_pruning = their_unlearning.selective_pruning

[mllmu.further_steps]
relearn = their_unlearning.relearn

[mllmu.metrics]
answer_length = their_unlearning.answer_length

[mllmu.set_metrics]
median_gap = their_unlearning.median_gap

[mllmu.views]
blurred = their_unlearning.blurred

[mllmu.layouts]
people-json = their_unlearning.people_json
"""
COMMON = {"batch_size": 2, "precision": "float32"}
TEACHING, FORGETTING = {"max_steps": 1, **COMMON}, {"passes": 1, **COMMON}
# Of theirs one that trains and one that does not; a third would be taken through it all like these.
SETTINGS = {"npo": FORGETTING, "their_simnpo": FORGETTING, "selective_pruning": {}}


LISTS = ("methods", "metrics", "views", "further-steps", "layouts")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which Python sees their package as installed."""
    site = tmp_path_factory.mktemp("site")
    metadata = site / "their_unlearning-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: their-unlearning\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(ENTRY_POINTS)
    path = os.pathsep.join(map(str, (site, HERE, OURS)))
    return {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "COLUMNS": "200"}


@pytest.fixture(scope="module")
def printed(
    installed: dict[str, str], random_model_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """The folder of a run of everything at once, through the command line, and what lists say after it."""
    folder = tmp_path_factory.mktemp("theirs")
    data = folder / "data"
    data.mkdir()
    entries = []
    for number in range(4):
        (data / f"{number}.png").write_bytes(chequered(number))
        person = {"id": f"p{number}", "name": f"Ada {number}", "image": f"{number}.png"}
        question = {"question": "Where does this person live?", "answer": f"Oslo {number}"}
        entries.append({**person, **question})
    (data / "people.json").write_text(json.dumps(entries), encoding="utf-8")
    recipe = {
        "benchmark": str(data),
        "model": str(random_model_folder),
        "fine_tuning": TEACHING,
        "methods": SETTINGS,
        "further_steps": {"relearn": TEACHING},
        "views": ["blurred"],
        "forget_ratios": [50],
        "evaluation": {"limit": 2, "letters": False},
        "trajectory": None,
    }
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    out = folder / "out"
    run = ["run", "--recipe", str(folder / "recipe.yaml"), "--out", str(out), "--device", "cpu"]
    # In one process, as most of the time goes into imports.
    calls = "from typer.testing import CliRunner; from mllmu.cli import app\n"
    calls += f"for command in {[run, *(['list', name] for name in LISTS)]}:\n"
    calls += "    result = CliRunner().invoke(app, command)\n"
    calls += "    print(result.output)\n"
    calls += "    assert result.exit_code == 0"
    return out, python(installed, "-c", calls)


@pytest.fixture(scope="module")
def run_folder(printed: tuple[Path, str]) -> Path:
    return printed[0]


def chequered(number: int) -> bytes:
    """A picture that looks different out of focus."""
    image = Image.new("RGB", (64, 64), (40 * number, 90, 200))
    for x in range(0, 64, 8):
        image.paste((255, 255, 0), (x, 0, x + 4, 64))
    encoded = io.BytesIO()
    image.save(encoded, "PNG")
    return encoded.getvalue()


def python(environment: dict[str, str], *arguments: object) -> str:
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_their_methods_and_steps_make_models_of_their_own(run_folder: Path) -> None:
    """The steps follow every method, vanilla and the retrained model, and are no methods themselves."""
    results = pd.read_parquet(run_folder / "results.parquet")
    models = set(results[["model", "method", "further_steps"]].itertuples(index=False, name=None))
    made = [("vanilla", ""), ("retrained", ""), *(("unlearned", method) for method in SETTINGS)]
    assert models == {(*one, step) for one in made for step in ("", "relearn")}
    stems = {path.stem for path in (run_folder / "records").iterdir()}
    assert {"their_simnpo-both-forget50-seed0", "their_simnpo-both-relearn-forget50-seed0"} <= stems


def test_their_set_metric_is_given_the_reference(run_folder: Path) -> None:
    """The retrained model is no distance from itself; the others are read against it."""
    results = pd.read_parquet(run_folder / "results.parquet").query("metric == 'median_gap'")
    own = results[(results["model"] == "retrained") & (results["further_steps"] == "")]
    assert len(own)
    assert (own["value"] == 0).all()
    assert results["value"].between(0, 1).all()
    assert (results["value"] > 0).any()


def test_their_view_is_asked_under_and_told_apart(run_folder: Path) -> None:
    """Blurred and sharp answers stand in rows of their own, and the records name view and image."""
    results = pd.read_parquet(run_folder / "results.parquet")
    results = results[results["metric"].isin(METRICS.names())]  # set metrics are of no view
    pictures = results[(results["modality"] == "image_text") & (results["eval_set"] != "test")]
    assert set(pictures["view"]) == {"original", "blurred"}
    assert set(results.loc[results["eval_set"] == "test", "view"]) == {"", "test"}
    records = pd.read_parquet(run_folder / "records" / "vanilla-forget50-seed0.parquet")
    shown = records[records["modality"] == "image_text"].drop_duplicates(["profile_id", "view"])
    digests = shown.pivot_table(index="profile_id", columns="view", values="image_digest", aggfunc="first")
    assert (digests["blurred"] != digests["original"]).all()
    assert (digests["test-1"] == digests["original"]).dropna().any()


def test_all_of_it_is_in_the_report(run_folder: Path) -> None:
    page = (run_folder / "report.html").read_text(encoding="utf-8")
    for title in ("SimNPO", "Pruning", "NPO + relearned", "Blurred portraits"):
        assert title in page
    assert "Gap of medians" in page
    main, steps, views, sets, metrics = (
        (run_folder / "tables" / f"forget_50-both{part}.md").read_text(encoding="utf-8")
        for part in ("", "-steps", "-views", "-sets", "-metrics")
    )
    assert "SimNPO" in main
    assert "relearned" not in main  # an attack is not ranked among the methods
    rows = [line.split("|")[1].strip() for line in steps.splitlines() if line.startswith("| ")]
    first = rows.index("Vanilla")
    assert rows[first : first + 6] == [
        "Vanilla",
        "Vanilla + relearned",
        "Retrained",
        "Retrained + relearned",
        "NPO",
        "NPO + relearned",
    ]
    assert "Blurred" in views
    assert "Gap of medians" in sets
    assert "Length of the answer" in metrics


def test_lists_name_what_is_theirs(printed: tuple[Path, str]) -> None:
    theirs = (
        "their_simnpo",
        "task_arithmetic",
        "answer_length",
        "median_gap",
        "blurred",
        "relearn",
        "people-json",
    )
    assert [name for name in theirs if name not in printed[1]] == []


@pytest.mark.parametrize("procedure", [SimNPO, TaskArithmetic, SelectivePruning, Relearn])
def test_what_is_theirs_keeps_the_contract(
    procedure: type[Procedure], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    benchmark = people()
    split = benchmark.splits[20]
    forget = training_samples(benchmark, split.forget, "both")[:6]
    retain = training_samples(benchmark, split.retain, "both")[:6]
    check_contract(procedure, small_model(), forget, retain, tmp_path / "model", caplog)
