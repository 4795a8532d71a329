"""Protects: models trained by LoRA are small folders for every command, and `export` writes them whole."""

import json
import re

import pandas as pd
import pytest
from transformers import AutoModelForImageTextToText, AutoProcessor
from typer.testing import CliRunner

from mllmu.cli import app
from mllmu.models import load_model

SETTINGS = ("batch_size=2", "precision=float32", "lora.r=2", "learning_rate=1e-2")
COMMON = [*(word for setting in SETTINGS for word in ("--set", setting)), "--device", "cpu"]


def invoke(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture(scope="module")
def models(tmp_path_factory, random_model_folder):
    """A folder in which vanilla, what was unlearned on it, and both evaluations of that lie."""
    here = tmp_path_factory.mktemp("adapters")
    size = ["--profiles", 4, "--celebrities", 1, "--holdout", 1, "--image-size", 32, "--test-image-size", 32]
    taught = ["--benchmark", "people", "--model", random_model_folder]
    unlearned = ["--benchmark", "people", "--forget", 25, "--device", "cpu"]
    on_vanilla = [*unlearned, "--model", "vanilla"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(here)
        for arguments in (
            ["synthesize", *size, "--forget", 25, "--out", "people"],
            ["train", *taught, *COMMON, "--set", "max_steps=2", "--out", "vanilla"],
            ["unlearn", "npo", *on_vanilla, *COMMON, "--set", "passes=0.2", "--out", "npo"],
            ["unlearn", "prompting", *unlearned, "--model", "npo", "--out", "prompting"],
            ["export", "npo", "--out", "whole", "--device", "cpu"],
            ["evaluate", *unlearned, "--model", "npo", "--limit", 2, "--out", "asked"],
            ["evaluate", *unlearned, "--model", "whole", "--limit", 2, "--out", "asked-whole"],
        ):
            result = invoke(*arguments)
            assert result.exit_code == 0, result.output
    return here


@pytest.mark.parametrize("name", ["vanilla", "npo", "prompting"])
def test_a_folder_has_an_adapter_and_no_whole_model(models, name):
    assert (models / name / "adapter_model.safetensors").is_file()
    assert not (models / name / "model.safetensors").exists()
    assert (models / name / "mllmu_lineage.json").is_file()


def test_scores_are_those_of_the_merged_model(models):
    """The columns that name model and method are the same; values agree to float rounding."""
    (own, whole) = (pd.read_parquet(models / name / "results.parquet") for name in ("asked", "asked-whole"))
    assert len(own) and set(own["method"]) == {"npo"}
    pd.testing.assert_frame_equal(own, whole, rtol=0, atol=1e-5)


def test_transformers_alone_loads_what_was_exported(models):
    assert not list((models / "whole").glob("adapter*"))
    assert "bases" not in json.loads((models / "whole" / "mllmu.json").read_text())
    weights = AutoModelForImageTextToText.from_pretrained(models / "whole").state_dict()
    ours = load_model(models / "npo", "cpu").model.state_dict()
    assert weights.keys() == ours.keys() and all(weights[name].equal(ours[name]) for name in ours)
    AutoProcessor.from_pretrained(models / "whole")


def test_what_only_mllmu_reads_is_told(models, monkeypatch):
    monkeypatch.chdir(models)
    said = invoke("export", "prompting", "--out", "prompting-whole", "--device", "cpu").stdout
    assert "system prompt: read by mllmu alone" in said
    assert said.rstrip().endswith("model: prompting-whole")


def test_a_wrong_base_and_a_full_folder_are_told_at_once(models, monkeypatch, tmp_path):
    monkeypatch.chdir(models)
    result = invoke("export", "npo", "--out", "people", "--device", "cpu")
    assert result.exit_code == 2 and "already holds files" in result.stderr
    config = models / "npo" / "adapter_config.json"
    own = config.read_text()
    try:
        config.write_text(re.sub(r'"../vanilla"', '"../whole"', own))
        result = invoke("export", "npo", "--out", tmp_path / "new", "--device", "cpu")
    finally:
        config.write_text(own)
    assert result.exit_code == 2
    assert "was trained on other weights than npo/../whole holds now" in " ".join(result.stderr.split())
    assert not (tmp_path / "new").exists()
