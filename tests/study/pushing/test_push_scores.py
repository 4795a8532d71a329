"""Protects: scores of an evaluation get onto the card of the model that was asked, and of no other."""

import pytest
from huggingface_hub import ModelCard
from safetensors.torch import load_file, save_file

from mllmu.study.recipe.recipe_settings import dump_recipe
from mllmu.study.steps.evaluation_note import weights_of, write_evaluation_note
from mllmu.study.steps.lineage_note import named_lineage, write_lineage
from mllmu.unlearning.lineage import VANILLA_LINEAGE, Lineage
from tests.report.world import make_results
from tests.study.small_runs import recipe

LINEAGES = {
    "made elsewhere": Lineage(),
    "unlearned": VANILLA_LINEAGE.unlearned("npo", "both"),
    "never taught": Lineage().unlearned("npo", "both"),
}


@pytest.fixture
def evaluated(whole, tmp_path):
    """Make a folder with the scores of the model, as ``mllmu evaluate`` writes them."""

    def make(**changes):
        lineage, seed = named_lineage(str(whole))
        frame = make_results(ratios=(5,), unlearned_on=("both",), methods=("npo",))
        asked = frame[frame["method"] == "npo"].assign(**{**lineage.columns, "seed": seed, **changes})
        folder = tmp_path / "evaluated"
        folder.mkdir()
        asked.to_parquet(folder / "results.parquet")
        return folder

    return make


@pytest.mark.parametrize("lineage", LINEAGES.values(), ids=LINEAGES)
def test_scores_get_onto_the_card(lineage, whole, evaluated, hub, push):
    if lineage.steps:
        write_lineage(lineage, 3, whole)
    code, said = push("model", whole, "--to", "owner/whole", "--scores", evaluated(), "--yes")
    assert code == 0, said
    card = ModelCard(hub.repositories["model", "owner/whole"].files["README.md"].decode())
    assert card.data.eval_results and "No scores came with this model." not in card.text
    assert "| Forget, cloze" in card.text


def test_scores_of_another_model_are_refused(whole, evaluated, hub, push):
    write_lineage(LINEAGES["unlearned"], 3, whole)
    folder = evaluated(method="ga")
    code, said = push("model", whole, "--to", "owner/whole", "--scores", folder, "--yes")
    assert code == 2 and f"The results in {folder} hold no score of NPO on both with seed 3; expected" in said
    assert hub.asked == []


def test_scores_of_before_the_model_changed_are_refused(whole, evaluated, hub, push):
    write_lineage(LINEAGES["unlearned"], 3, whole)
    folder = evaluated()
    lineage, seed = named_lineage(str(whole))
    facts = {"lineage": lineage.columns, "model_seed": seed, "weights": weights_of(str(whole))}
    write_evaluation_note(folder, "npo", facts)
    weights = load_file(whole / "model.safetensors")
    name = next(iter(weights))
    save_file({**weights, name: weights[name] + 1}, whole / "model.safetensors", {"format": "pt"})
    code, said = push("model", whole, "--to", "owner/whole", "--scores", folder, "--yes")
    assert code == 2 and "are of other weights than" in said and hub.asked == []


def test_a_run_has_scores_of_its_own(evaluated, tmp_path, hub, push):
    """Which is told before any of its models is looked for."""
    run = tmp_path / "run"
    run.mkdir()
    (run / "recipe.yaml").write_text(dump_recipe(recipe("tiny")))
    (run / "results.parquet").touch()
    code, said = push("model", "npo", "--to", "owner/npo", "--run", run, "--scores", evaluated(), "--yes")
    assert (code, hub.asked) == (2, []) and "expected --run or --scores, not both." in said
