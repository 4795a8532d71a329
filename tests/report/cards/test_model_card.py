"""Protects: a card shows values from outside as text, and attacks only where they were measured."""

import pandas as pd
import pytest
from huggingface_hub import ModelCard

from mllmu.errors import UserError
from mllmu.report.cards.card_scores import read_model_scores
from mllmu.report.cards.model_card import model_card
from mllmu.report.cards.model_facts import ModelFacts, RequestFacts, TaughtPeople
from mllmu.unlearning.lineage import VANILLA_LINEAGE, LineageStep
from tests.report.tables.test_recoverability_grid import recoverability

HOSTILE = "a|b\n---\n# <script>x</script> [c](http://d) `e` {{ 7*7 }} \x1b[2J"
NPO = VANILLA_LINEAGE.unlearned("npo", "both")


def test_no_value_is_read_as_markdown():
    facts = ModelFacts(
        lineage=VANILLA_LINEAGE.unlearned(HOSTILE, HOSTILE).then(LineageStep(HOSTILE)),
        seed=0,
        base=HOSTILE,
        around=(HOSTILE,),
        people=TaughtPeople(HOSTILE, "", True, 5),
        request=RequestFacts(10, 1, 4, (HOSTILE,)),
        settings={HOSTILE: {HOSTILE: HOSTILE}},
        versions={"torch": HOSTILE},
    )
    card = ModelCard(model_card("owner/npo", facts, None).content)
    assert HOSTILE in card.data.tags
    for sign in ("<script>", "[c]", "`e`", "49", "\x1b", "a|b"):
        assert sign not in card.text
    assert card.text.count("\n# ") == 1 and "\n---\n" not in card.text
    rows = [line.replace(r"\|", "") for line in card.text.splitlines() if line.startswith("| ")]
    assert rows and {row.count("|") for row in rows} == {3}


def test_settings_stand_as_a_recipe_has_them_and_modalities_in_words():
    settings = {"lora": None, "train_vision": False, "warmup": 0.1, "schedule": "linear", "tags": ["a"]}
    text = model_card("owner/npo", ModelFacts(NPO, 0, settings={"teach": settings}), None).text
    for name, value in {
        "lora": "null",
        r"train\_vision": "false",
        "warmup": "0.1",
        "schedule": "linear",
        "tags": r'\["a"\]',
    }.items():
        assert f"| {name} | {value} |" in text
    assert "| unlearned on | questions with the portrait (image + text) and by name (text) |" in text


def test_scores_stand_beside_retrained_with_intervals(run_folder):
    scores = read_model_scores(run_folder, NPO, 0)
    card = model_card("owner/npo", ModelFacts(NPO, 0), scores)
    results = pd.read_parquet(run_folder / "results.parquet")
    asked = results[(results["eval_set"] == "forget") & (results["modality"] == "text")]
    cell = asked[(asked["metric"] == "cloze_contains") & (asked["task"] == "cloze")]
    own = cell[cell["method"] == "npo"].iloc[0]
    retrained = cell[cell["model"] == "retrained"].iloc[0]
    text = card.text.split("**Text**")[1]
    row = next(line for line in text.splitlines() if line.startswith("| Forget, cloze"))
    assert [part.split()[0] for part in row.split("|")[2:4]] == [
        f"{own['value']:.1f}",
        f"{retrained['value']:.1f}",
    ]
    assert row.count(r"\[") == 3
    assert "ga" not in card.data.tags and "GA" not in card.text


def test_attacks_are_shown_where_there_are_any(run_folder):
    """What was measured of other models is none of an attack on this one."""
    facts = ModelFacts(NPO, 0)
    other = recoverability().assign(method="ga")
    other.to_parquet(run_folder / "recoverability.parquet")
    without = model_card("owner/npo", facts, read_model_scores(run_folder, NPO, 0)).text
    assert "None was measured." in without.split("## Attacks")[1]
    pd.concat([other, recoverability()]).to_parquet(run_folder / "recoverability.parquet")
    results = pd.read_parquet(run_folder / "results.parquet")
    is_rounded = (results["method"] == "npo") | (results["model"] == "retrained")
    rounded = results[is_rounded].assign(further_steps="int4")
    pd.concat([results, rounded]).to_parquet(run_folder / "results.parquet")
    text = model_card("owner/npo", facts, read_model_scores(run_folder, NPO, 0)).text.split("## Attacks")[1]
    assert "None was measured." not in text
    assert "| NPO | 100.0" in text.split("recoverability")[1] and text.count("\n| NPO |") == 2
    further = text.split("after further steps")[1]
    # The retrained model stands beside it, before and after the same: rounding changes its answers, too.
    assert "| NPO | Retrained | NPO + 4-bit weights | Retrained + 4-bit weights |" in further
    assert "Forget, cloze" in further and "Retain, cloze" not in further


def test_a_model_without_scores_there_is_refused(run_folder):
    for lineage, seed in ((NPO, 1), (VANILLA_LINEAGE.unlearned("rmu", "both"), 0)):
        with pytest.raises(UserError, match="hold no score of"):
            read_model_scores(run_folder, lineage, seed)
