"""Protects the tables of set metrics: numbers of every model, and reasons where there are none."""

import math

import pandas as pd

from mllmu.report.numbers.scores import Scores
from mllmu.report.tables.paper_table import metric_grids_of
from mllmu.report.tables.set_metric_table import set_metric_grids

MODELS = [("vanilla", ""), ("retrained", ""), ("unlearned", "npo")]


def row(model, method, metric, value, modality="text", task="generation", missing=""):
    whose = {"model": model, "method": method, "unlearn_modality": "both" if method else ""}
    which = {"eval_set": "forget", "modality": modality, "task": task, "metric": metric, "view": ""}
    study = {"forget_ratio": 10, "seed": 0, "protocol": "strict", "further_steps": "", "benchmark": "b"}
    numbers = {"value": value, "ci_low": math.nan, "ci_high": math.nan, "n": 20, "n_people": 10}
    return {**whose, **which, **study, **numbers, "missing": missing}


def results():
    rows = []
    for place, whose in enumerate(MODELS):
        rows.append(row(*whose, "rougeL_f", 0.5))
        rows.append(row(*whose, "membership_auc(min_k)", 0.25 * place))
        rows.append(row(*whose, "acc_f", 50.0, "all", "cloze"))
        rows.append(row(*whose, "normalised(rougeL_f)", place / 2))
        rows.append(row(*whose, "privacy_leakage(min_k)", math.nan, missing="no holdout people"))
    return pd.DataFrame(rows)


def grids():
    scores = Scores(results())
    (condition,) = scores.conditions
    return {grid.name: grid for grid in set_metric_grids(scores, condition, "both")}


def test_every_model_has_its_number_in_the_block_of_its_modality():
    grid = grids()["forget_10-both-sets"]
    assert grid.groups[0].columns == ("Vanilla", "Retrained", "NPO")
    cells = {
        (block.title, line.title): [cell.text for cell in line.cells]
        for block in grid.blocks
        for line in block.methods
    }
    assert cells == {
        ("Both modalities", "Forgotten in both modalities (AccF), cloze, Forget"): ["50.0"] * 3,
        ("Text questions", "Membership AUC (min_k), generation, Forget"): ["0.000", "0.250", "0.500"],
    }


def test_normalised_scores_have_a_table_of_their_own():
    (block,) = grids()["forget_10-both-normalised"].blocks
    (line,) = block.methods
    assert line.title == "Normalised (ROUGE-L), generation, Forget"
    assert [cell.text for cell in line.cells] == ["0.00", "0.50", "1.00"]


def test_the_caption_says_why_numbers_are_missing():
    assert "– in Privacy leakage: no holdout people." in grids()["forget_10-both-sets"].caption


def test_no_mean_over_the_seeds_that_have_a_number():
    """In one seed there is none: which the others are was chosen by their answers."""
    again = results().assign(seed=1)
    is_normalised = again["metric"].str.startswith("normalised")
    lost = is_normalised & (again["method"] == "npo")
    again.loc[lost, ["value", "missing"]] = [math.nan, "vanilla is as far as retrained"]
    scores = Scores(pd.concat([results(), again], ignore_index=True))
    (grid,) = (g for g in set_metric_grids(scores, scores.conditions[0], "both") if "normalised" in g.name)
    (line,) = grid.blocks[0].methods
    assert [cell.text for cell in line.cells] == ["0.00", "0.50", "–"]
    assert "vanilla is as far as retrained" in grid.caption
    assert "1 of 2 seeds have no number, and a mean of the others would be of chosen ones" in grid.caption


def test_a_seed_without_any_row_of_a_number_has_none_either():
    """Where a reference is missing, one row says so in place of those of all numbers."""
    again = results().query("metric != 'rougeL_f' and not metric.str.startswith('normalised')").assign(seed=1)
    why = [row(*whose, "normalised", math.nan, "all", "all", "no records of vanilla") for whose in MODELS]
    scores = Scores(pd.concat([results(), again, pd.DataFrame(why).assign(seed=1)], ignore_index=True))
    grids = {grid.name: grid for grid in set_metric_grids(scores, scores.conditions[0], "both")}
    assert "forget_10-both-normalised" not in grids
    assert "forget_10-both-sets" in grids


def test_a_number_that_is_infinite_has_a_reason():
    frame = results()
    frame.loc[frame["metric"].str.startswith("membership"), "value"] = math.inf
    scores = Scores(frame)
    assert scores.sets.reasons(scores.conditions[0], "membership_auc") == [
        "the number is beyond what a computer holds"
    ]


def test_set_metrics_leave_all_other_tables_alone():
    """Modality ``all`` is none that questions are asked in."""
    scores = Scores(results())
    assert scores.modalities(scores.conditions[0]) == ("text",)
    names = [grid.name for grid in metric_grids_of(scores)]
    assert names[:2] == ["forget_10-both-sets", "forget_10-both-normalised"]


def test_results_of_before_have_no_such_tables():
    old = results().query("metric == 'rougeL_f'").drop(columns="missing")
    scores = Scores(old)
    assert not list(set_metric_grids(scores, scores.conditions[0], "both"))
