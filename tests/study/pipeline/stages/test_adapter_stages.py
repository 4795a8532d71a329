"""Protects: a run that trains by LoRA keeps adapters, and everything that reads its models reads these."""

import json
import shutil

import pytest

from mllmu.models import load_model
from mllmu.study import measure_depth, measure_recoverability, run
from tests.study.small_runs import COMMON, RATIO, Diary, recipe, remove_stage, without_statistics

pytestmark = pytest.mark.usefixtures("no_page")

LORA = {"lora": {"r": 2, "alpha": 8.0}, **COMMON}
UNLEARNED = f"unlearn {RATIO} % with npo on both (seed 0)"


@pytest.fixture(scope="module")
def wanted(random_model_folder):
    """Vanilla, retrained, one unlearned by LoRA, and one guarded by a prompt."""
    return recipe(
        random_model_folder,
        fine_tuning={"max_steps": 10, **LORA},
        methods={"npo": {"passes": 1, **LORA}, "prompting": {}},
        trajectory=None,
        evaluation={"limit": 1, "letters": False},
    )


@pytest.fixture(scope="module")
def finished(wanted, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        without_statistics(patch)
        return run(wanted, tmp_path_factory.mktemp("adapters") / "run", "cpu")


def test_stages_are_small_and_hold_what_was_trained(finished):
    """Asking loads them: answers are those of the very weights that were in memory after the training."""
    folders = list(finished.folder.glob("stages/*/model"))
    assert len(folders) == 4
    for folder in folders:
        assert (folder / "adapter_model.safetensors").is_file() and not (
            folder / "model.safetensors"
        ).exists()
        facts = json.loads((folder.parent / "manifest.json").read_text())["facts"]
        assert load_model(folder, "cpu").fingerprint == facts["fingerprint"]


def test_a_run_that_was_moved_goes_on(finished, wanted, tmp_path):
    """What is made again of adapters elsewhere is what it was, and nothing else is made again."""
    shutil.copytree(finished.folder, tmp_path / "moved")
    remove_stage(tmp_path / "moved", UNLEARNED)
    diary = Diary()
    again = run(wanted, tmp_path / "moved", "cpu", diary)
    assert diary.done == [UNLEARNED]
    assert again.results_file.read_bytes() == finished.results_file.read_bytes()


def test_commands_that_measure_a_run_further(finished):
    depth = measure_depth(finished.folder, ["npo"], people=1, questions=1, device="cpu").table
    assert set(depth["method"]) == {"npo"} and len(depth)
    assert len(measure_recoverability(finished.folder, ["npo"], people=1, device="cpu"))
