"""Protects: a run's model goes to the hub whole, with the run's numbers, and only with --yes."""

import json

import pandas as pd
import pytest
from huggingface_hub import ModelCard

from mllmu.errors import UserError
from mllmu.models import load_model
from mllmu.study import export_model
from mllmu.study.steps.lineage_note import read_lineage
from tests.study.small_runs import RATIO, contents

STEM = f"npo-both-forget{RATIO}-seed0"


@pytest.fixture
def npo(small_run):
    """The stage of the unlearned model."""
    for manifest in small_run[0].folder.glob("stages/*/manifest.json"):
        if "with npo on both" in json.loads(manifest.read_text())["title"]:
            return manifest.parent
    raise AssertionError


def test_without_yes_nothing_reaches_the_hub(small_run, hub, push):
    before = contents(small_run[0].folder)
    code, said = push("model", "npo", "--run", small_run[0].folder, "--to", "owner/npo", "--device", "cpu")
    assert (code, hub.asked) == (0, []), said
    assert "owner/npo: a private model" in said and "model.safetensors" in said and "# NPO on both" in said
    assert said.endswith("Nothing was sent; add --yes to send it.")
    assert contents(small_run[0].folder) == before


def test_with_yes_files_arrive_whole_and_load(small_run, npo, hub, push):
    run = small_run[0].folder
    code, said = push("model", STEM, "--run", run, "--to", "owner/npo", "--device", "cpu", "--yes")
    assert (code, said.endswith(f"model: {hub.url}/owner/npo")) == (0, True), said
    ((key, repository),) = hub.repositories.items()
    assert key == ("model", "owner/npo") and repository.private
    own = {path.name: path.read_bytes() for path in (npo / "model").iterdir()}
    assert {name: repository.files[name] for name in own} == own
    assert set(repository.files) - set(own) == {".gitattributes", "README.md", "mllmu_lineage.json"}
    facts = json.loads((npo / "manifest.json").read_text())["facts"]
    assert load_model("owner/npo", "cpu").fingerprint == facts["fingerprint"]
    card = ModelCard(repository.files["README.md"].decode())
    assert {"machine-unlearning", "npo", "fictitious-people"} <= set(card.data.tags)
    assert card.data.library_name == "transformers" and card.data.base_model is None
    assert "https://arxiv.org/abs/2404.05868" in card.text and "2 people, and retain 4" in card.text
    assert str(run) not in card.content and "| learning_rate" not in card.text
    assert r"| learning\_rate | 0.005 |" in card.text


def test_scores_of_the_header_are_those_of_the_run(small_run, push, hub):
    run = small_run[0].folder
    push("model", "npo", "--run", run, "--to", "owner/npo", "--device", "cpu", "--public", "--yes")
    repository = hub.repositories["model", "owner/npo"]
    assert not repository.private
    card = ModelCard(repository.files["README.md"].decode())
    results = pd.read_parquet(run / "results.parquet")
    scored = card.data.eval_results
    assert {each.dataset_split for each in scored} >= {"forget_text", "retain_image_text"}
    for each in scored:
        eval_set, _, modality = each.dataset_split.partition("_")
        asked = results[
            (results["metric"] == each.metric_type)
            & (results["eval_set"] == eval_set)
            & (results["modality"] == modality)
            & (results["task"] == each.metric_name.rpartition("(")[2].removesuffix(")"))
        ]
        of = asked.set_index(asked["model"] + asked["method"].fillna(""))
        assert each.metric_value == pytest.approx(of.loc["unlearnednpo", "value"], abs=1e-4)
        assert each.metric_args["retrained"] == pytest.approx(of.loc["retrained", "value"], abs=1e-4)
        ends = of.loc["unlearnednpo", ["ci_low", "ci_high"]].tolist()
        if pd.notna(ends).all():
            assert each.metric_args["interval_95"] == pytest.approx(ends, abs=1e-4)
        else:
            assert "interval_95" not in each.metric_args
    assert any("interval_95" in each.metric_args for each in scored)


def test_an_exported_model_is_recognised_by_its_weights(small_run, npo, hub, push, tmp_path):
    export_model("npo", tmp_path / "whole", "cpu", small_run[0].folder)
    assert load_model(tmp_path / "whole").fingerprint == load_model(npo / "model").fingerprint
    lineage, seed = read_lineage(str(tmp_path / "whole"))
    assert (lineage.method, seed) == ("npo", 0)
    with pytest.raises(UserError, match="did you mean 'npo'"):
        export_model("npa", tmp_path / "other", "cpu", small_run[0].folder)
    to = ["--run", small_run[0].folder, "--to", "owner/whole", "--device", "cpu"]
    code, said = push("model", tmp_path / "whole", *to)
    assert code == 0 and "# NPO on both" in said
    (tmp_path / "empty").mkdir()
    code, said = push("model", tmp_path / "empty", *to)
    assert code == 2 and "holds no model" in said
    (tmp_path / "whole" / "mllmu.json").write_text('{"system_prompt": "Be brief."}')
    code, said = push("model", tmp_path / "whole", *to)
    assert code == 2 and "holds no model that is what" in said and "expected the name of a model" in said


@pytest.mark.parametrize(
    ("name", "exit_code", "says"),
    [("npa", 2, "did you mean 'npo'"), ("vanilla", 0, "# Vanilla"), ("retrained", 0, "# Retrained")],
)
def test_names_of_a_run(small_run, push, name, exit_code, says):
    code, said = push("model", name, "--run", small_run[0].folder, "--to", "owner/it", "--device", "cpu")
    assert (code, says in said) == (exit_code, True), said


def test_a_method_that_leaves_the_weights_alone_says_so(small_run, push):
    run = small_run[0].folder
    _, said = push("model", "prompting", "--run", run, "--to", "owner/it", "--device", "cpu")
    assert "**The weights alone still know everything.**" in said
