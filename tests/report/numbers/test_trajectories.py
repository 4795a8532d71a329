"""Protects what the report reads off trajectories: whose, in which order, and what it says without."""

from __future__ import annotations

import math
from itertools import product

import pandas as pd
import pytest

from mllmu.report.figures.trajectory_figure import trajectory_figure
from mllmu.report.numbers.result_columns import Condition
from mllmu.report.numbers.scores import Score, Scores
from mllmu.report.tables.equal_utility_table import make_equal_utility_grid
from mllmu.report.tables.formats.markdown import to_markdown
from mllmu.report.tables.paper_table import make_grids
from mllmu.unlearning.lineage import VANILLA_LINEAGE
from tests.report.world import make_person_scores, make_results

CONDITION = Condition(10, "strict")
ACCURACIES = {
    "classification": "option_likelihood_accuracy",
    "cloze": "cloze_contains",
    "generation": "generation_contains",
}
# Model, method -> passes -> accuracy on forget and test, on retain, on celebrity.
WAYS: dict[tuple[str, str], dict[float, tuple[int, int, int]]] = {
    ("vanilla", ""): {0: (90, 90, 90)},
    ("retrained", ""): {math.nan: (20, 90, 90)},
    ("unlearned", "ga"): {1: (60, 90, 90), 2: (40, 70, 90)},  # utility falls by 10 from 1 to 2
    ("unlearned", "npo"): {1: (50, 90, 90), 2: (20, 88, 90)},
    ("unlearned", "prompting"): {math.nan: (20, 10, 10)},
}


def trajectory_frame(*, without: str = "", seeds: tuple[int, ...] = (0,), people: int = 4) -> pd.DataFrame:
    """Everybody of a set gives the same, so that numbers are exact."""
    rows = []
    metrics = [*ACCURACIES.items(), ("generation", "echo_log_prob")]
    for (model, method), states in WAYS.items():
        if without and without in (model, method):
            continue
        study = {"model": model, "method": method, "unlearn_modality": "both" if method else ""}
        for passes, (forget, retain, celebrity) in states.items():
            values = {"forget": forget, "test": forget, "retain": retain, "celebrity": celebrity}
            for eval_set, person, modality, (task, metric), seed in product(
                values, range(people), ("image_text", "text"), metrics, seeds
            ):
                # Two seeds lie as far above as below.
                noise = 2 * seed - 1 if len(seeds) > 1 else 0
                of_whom = {"profile_id": f"{'forget' if eval_set == 'test' else eval_set}{person}"}
                asked = {
                    "eval_set": eval_set,
                    "modality": modality,
                    "task": task,
                    "metric": metric,
                    "view": "",
                }
                gave = {"passes": passes, "seed": seed, "value": float(values[eval_set] + noise), "n": 1}
                rows.append({**study, **of_whom, **asked, **gave})
    constant = {"view": "", "forget_ratio": 10, "protocol": "strict", "further_steps": "", "benchmark": "b"}
    return pd.DataFrame(rows).assign(**constant)


def scores_of(frame: pd.DataFrame | None) -> Scores:
    methods = ("ga", "npo", "prompting")
    return Scores(make_results(ratios=(10,), methods=methods, unlearned_on=("both",)), None, frame)


def numbers(scores: Scores) -> dict[str, list[float | None]]:
    grid = make_equal_utility_grid(scores, CONDITION, "both")
    block = grid.blocks[0]
    assert [each.title for each in grid.blocks] == [
        "All questions",
        "Image + text questions",
        "Text questions",
    ]
    return {
        row.title: [cell.score.value if cell.score else None for cell in row.cells] for row in block.methods
    }


@pytest.mark.parametrize("seeds", [(0,), (0, 1)])
def test_methods_stand_at_equal_utility_the_nearest_first(seeds: tuple[int, ...]) -> None:
    """GA has lost 5 points half-way from 60 to 40; NPO comes down to retrained; prompting loses too much."""
    assert numbers(scores_of(trajectory_frame(seeds=seeds))) == {
        "NPO": [20, 0, 20, 0, 89],
        "GA": [50, 30, 40, 20, None],
        "Prompting": [90, 70, 90, 70, 10],
    }


@pytest.mark.parametrize(("people", "marks"), [(10, ["best", "plain", "plain"]), (4, ["plain"] * 3)])
def test_the_nearest_is_bold_and_others_that_are_told_from_it_are_not(people: int, marks: list[str]) -> None:
    """Everybody of a set gives the same; but four who agree give no p-value below 0.125."""
    block, *_ = make_equal_utility_grid(scores_of(trajectory_frame(people=people)), CONDITION, "both").blocks
    assert [row.cells[0].mark.value for row in block.methods] == marks


@pytest.mark.parametrize("without", ["vanilla", "retrained", "everything"])
def test_without_a_reference_nothing_is_compared(without: str) -> None:
    """The report has no such table and no such figure, and everything else."""
    scores = scores_of(None if without == "everything" else trajectory_frame(without=without))
    assert not make_equal_utility_grid(scores, CONDITION, "both").blocks
    assert trajectory_figure(scores, CONDITION) is None


def test_the_report_leads_with_it() -> None:
    """Before the paper's table; in Markdown with both ends of the intervals."""
    frame = trajectory_frame()
    grids = make_grids(make_results(ratios=(10,), unlearned_on=("both",)), None, frame)
    assert grids[0].name.endswith("-equal-utility")
    assert "At utility −5" in to_markdown(grids[0])


def test_a_line_goes_from_vanilla_through_all_states() -> None:
    """With the passes of each under the pointer, and the star where retrained is."""
    figure = trajectory_figure(scores_of(trajectory_frame()), CONDITION)
    assert figure is not None
    lines = {trace.legendgroup: trace for trace in figure.data if trace.mode == "lines+markers"}
    assert list(lines["ga"].x) == [90, 60, 40] and list(lines["ga"].y) == [90, 90, 80]
    assert list(lines["ga"].customdata) == [", 0 passes", ", 1 passes", ", 2 passes"]
    stars = [trace for trace in figure.data if trace.marker.symbol == "star" and trace.x[0] is not None]
    assert [(star.x[0], star.y[0]) for star in stars] == [(20, 90)]
    (alone,) = [
        trace for trace in figure.data if trace.legendgroup == "prompting" and trace.customdata is not None
    ]
    assert alone.mode == "markers"


def test_passes_are_those_of_the_model() -> None:
    scores = scores_of(trajectory_frame())
    lineage = VANILLA_LINEAGE.unlearned("npo", "both")
    assert scores.trajectories.passes(lineage, CONDITION) == [0, 1, 2]
    assert scores.trajectories.passes(lineage, Condition(5, "strict")) == []


def test_a_single_odd_seed_widens_the_interval() -> None:
    """NPO stops at 20 with three seeds and at 60 with a fourth; its mean is 30, and the note counts seeds."""
    frame = trajectory_frame(seeds=(0, 1, 2, 3), people=10)
    frame = frame.assign(value=frame["value"].round(-1))
    is_odd = (frame["seed"] == 3) & (frame["method"] == "npo") & (frame["passes"] == 2)
    frame.loc[is_odd & frame["eval_set"].isin(["forget", "test"]), "value"] = 60.0

    def npo(rows: pd.DataFrame) -> Score:
        block, *_ = make_equal_utility_grid(scores_of(rows), CONDITION, "both").blocks
        score = next(row.cells[1].score for row in block.methods if row.title == "NPO")
        assert score is not None
        return score

    alike, odd = npo(frame[frame["seed"] < 3]), npo(frame)
    assert (alike.value, odd.value) == (0, 10)
    assert odd.high - odd.low > alike.high - alike.low + 10
    caption = make_equal_utility_grid(scores_of(frame), CONDITION, "both").caption
    assert "about 10 people to forget and 10 and 10 to keep, with 4 seeds" in caption
    assert "Retrained models of different seeds lie 0.0 points" in caption


def test_what_there_is_nothing_to_forget_of_does_not_count() -> None:
    """Vanilla knows no cloze answer about faces: without these the means are over five of six tasks."""
    frame = trajectory_frame(people=10)
    is_cell = (frame["task"] == "cloze") & (frame["modality"] == "image_text")
    is_cell &= frame["eval_set"].isin(["forget", "test"])
    frame.loc[is_cell, "value"] = 20.0
    results = make_results(ratios=(10,), methods=("ga", "npo", "prompting"), unlearned_on=("both",))
    is_known = results["eval_set"].isin(["forget", "test"]) & (results["task"] == "cloze")
    is_known &= (results["modality"] == "image_text") & (results["model"] == "vanilla")
    results.loc[is_known, "value"] = 0.0
    whole, part = (Scores(results, people, frame) for people in (None, make_person_scores(results)))
    assert numbers(whole)["GA"][0] == pytest.approx((5 * 50 + 20) / 6)
    assert numbers(part)["GA"][0] == 50
    caption = make_equal_utility_grid(part, CONDITION, "both").caption
    assert "Forget cloze (image + text) and Test cloze (image + text)." in caption
    figure = trajectory_figure(part, CONDITION)
    assert figure is not None
    (line,) = [each for each in figure.data if each.legendgroup == "ga" and each.mode == "lines+markers"]
    assert list(line.x) == [90, 60, 40]


def test_only_what_all_models_were_asked_counts() -> None:
    """Two folders in one report: of the ten people of each set of one the other asked about four."""
    frame = trajectory_frame(people=10)
    is_first = frame["profile_id"].str.endswith(("0", "1", "2", "3"))
    rest = frame[is_first | (frame["method"] != "npo")]
    block, *_ = make_equal_utility_grid(scores_of(rest), CONDITION, "both").blocks
    assert {cell.score.n_people for row in block.methods for cell in row.cells if cell.score} == {4, 2 * 4}


def test_a_door_that_stays_open_is_seen_by_its_questions() -> None:
    """Unlearned by name alone: the mean over all questions would hide that faces still tell everything."""
    frame = trajectory_frame()
    faces = frame["eval_set"].isin(["forget", "test"]) & (frame["modality"] == "image_text")
    frame.loc[faces & (frame["method"] == "npo"), "value"] = 90.0
    blocks = make_equal_utility_grid(scores_of(frame), CONDITION, "both").blocks
    at = {
        block.title: next(row.cells[0].score for row in block.methods if row.title == "NPO")
        for block in blocks
    }
    assert {title: score.value for title, score in at.items() if score} == {
        "All questions": 55,
        "Image + text questions": 90,
        "Text questions": 20,
    }


def test_only_the_sets_that_all_were_asked_count_and_are_named() -> None:
    """Of gradient ascent celebrities are not known on the way, so that all utilities are of retain alone."""
    frame = trajectory_frame()
    lacks = (frame["method"] == "ga") & (frame["eval_set"] == "celebrity")
    results = make_results((10,), ("both",), ("ga", "npo"))
    people = make_person_scores(results[results["metric"] != "mean_accuracy"])
    for trajectories, sets, titles in (
        (frame, ("retain", "celebrity"), "on retain and celebrity)"),
        (frame[~lacks], ("retain",), "on retain)"),
    ):
        scores = Scores(results, people, trajectories)
        assert scores.trajectories.utility_sets(CONDITION) == sets
        assert titles in make_equal_utility_grid(scores, CONDITION, "both").caption
    assert Scores(results).trajectories.utility_sets(CONDITION) == ()
