"""Protects the numbers behind tiles and findings: what is averaged, and how wide a mean's interval is."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from mllmu.benchmark.types import Task
from mllmu.errors import UserError
from mllmu.evaluation import ALL, MEAN_ACCURACY
from mllmu.report.names import accuracies, shown
from mllmu.report.numbers.scores import Condition, Scores
from mllmu.report.numbers.set_score_lookup import Quantity
from mllmu.unlearning.lineage import VANILLA_LINEAGE, LineageStep
from tests.report.world import make_results

CLOZE, CONTAINED = shown("cloze_contains", Task.CLOZE), shown("generation_contains", Task.GENERATION)


def results(*rows: dict[str, object]) -> pd.DataFrame:
    common: dict[str, object] = {
        "model": "vanilla",
        "method": "",
        "unlearn_modality": "",
        "further_steps": "",
        "forget_ratio": 10,
        "protocol": "strict",
        "seed": 0,
        "benchmark": "0123",
        "modality": "text",
        "view": "",
        "n": 10,
    }
    return pd.DataFrame([{**common, **row} for row in rows])


def row(eval_set: str, task: str, metric: str, value: float, half: float) -> dict[str, object]:
    ends = {"ci_low": value - half, "ci_high": value + half}
    return {"eval_set": eval_set, "task": task, "metric": metric, "value": value, **ends}


def test_errors_of_different_people_combine_in_quadrature_end_by_end() -> None:
    """Retain 60 - 3 + 6 and celebrity 80 - 4 + 8: 70 - sqrt(9 + 16) / 2 + sqrt(36 + 64) / 2."""
    rows = (
        {**row("retain", "cloze", "cloze_contains", 60, 3), "ci_high": 66, "n_people": 5},
        {**row("celebrity", "cloze", "cloze_contains", 80, 4), "ci_high": 88, "n_people": 4},
    )
    scores = Scores(results(*rows))
    mean = scores.mean(VANILLA_LINEAGE, scores.conditions[0], ["retain", "celebrity"], ["text"], [CLOZE])
    assert mean is not None
    assert (mean.value, mean.low, mean.high) == pytest.approx((70, 67.5, 75))
    assert (mean.n, mean.n_people) == (20, 9)


OF_THE_SAME_PEOPLE = (
    row("retain", "cloze", "cloze_contains", 60, 2),
    row("retain", "generation", "generation_contains", 80, 6),
)


def test_the_interval_of_a_mean_over_tasks_is_the_one_that_was_scored() -> None:
    """It cannot be told from those of the tasks, which may err together or against one another."""
    scored = {**row("retain", ALL, MEAN_ACCURACY, 70, 1), "n": 20, "n_people": 10}
    other = {**row("retain", ALL, MEAN_ACCURACY, 70, 9), "modality": ALL}
    seen = {**OF_THE_SAME_PEOPLE[0], "modality": "image_text"}
    scores = Scores(results(*OF_THE_SAME_PEOPLE, seen, scored, other))
    condition = scores.conditions[0]
    one = scores.mean(VANILLA_LINEAGE, condition, ["retain"], ["text"], accuracies("strict"))
    assert one is not None
    assert (one.value, one.low, one.high, one.n, one.n_people) == (70, 69, 71, 20, 10)
    both = scores.mean(VANILLA_LINEAGE, condition, ["retain"], ["image_text", "text"], accuracies("strict"))
    assert both is not None
    assert (both.low, both.high) == (61, 79)
    assert scores.modalities(condition) == ("image_text", "text")


def test_the_interval_of_any_other_mean_is_unknown() -> None:
    scored = row("retain", ALL, MEAN_ACCURACY, 70, 1)
    scores = Scores(results(*OF_THE_SAME_PEOPLE, scored))
    mean = scores.mean(VANILLA_LINEAGE, scores.conditions[0], ["retain"], ["text"], [CLOZE, CONTAINED])
    assert mean is not None
    assert mean.value == 70
    assert math.isnan(mean.low) and math.isnan(mean.high)


def test_the_interval_of_a_single_score_keeps_its_two_ends() -> None:
    scores = Scores(results({**row("retain", "cloze", "cloze_contains", 100, 31), "ci_high": 100}))
    mean = scores.mean(VANILLA_LINEAGE, scores.conditions[0], ["retain"], ["text"], accuracies("strict"))
    assert mean is not None
    assert (mean.value, mean.low, mean.high) == (100, 69, 100)


def test_what_was_done_later_or_shown_otherwise_is_no_row_of_the_main_tables() -> None:
    """A relearned model must not be ranked among the methods, nor a blurred score stand for the sharp one."""
    plain = row("retain", "cloze", "cloze_contains", 60, 2)
    relearned = row("retain", "cloze", "cloze_contains", 90, 2)
    blurred = {**row("retain", "cloze", "cloze_contains", 10, 2), "view": "blurred"}
    npo = {"model": "unlearned", "method": "npo", "unlearn_modality": "both"}
    scores = Scores(
        results(plain, {**plain, **npo}, {**relearned, **npo, "further_steps": "relearn"}, blurred)
    )
    condition = scores.conditions[0]
    unlearned = VANILLA_LINEAGE.unlearned("npo", "both")
    assert scores.methods(condition, "both") == (unlearned,)
    assert scores.further(condition) == (unlearned.then(LineageStep("relearn")),)
    usual = scores.find(VANILLA_LINEAGE, condition, "retain", "text", CLOZE)
    other = scores.find(VANILLA_LINEAGE, condition, "retain", "text", CLOZE, "blurred")
    assert usual is not None
    assert other is not None
    assert (usual.value, other.value) == (60, 10)


def test_different_benchmarks_in_one_frame_are_refused() -> None:
    frame = make_results(ratios=(10,), unlearned_on=("both",))
    other = frame.assign(benchmark="4567", seed=1)
    with pytest.raises(UserError, match="different benchmarks"):
        Scores(pd.concat([frame, other]))


@pytest.mark.parametrize(
    ("p_values", "of_seeds"), [((0.9, 1e-6, 1e-5), 3e-6), ((0.4, 0.9, 0.8), 1.0), ((0.3,), 0.3)]
)
def test_p_values_of_seeds_are_not_averaged(p_values: tuple[float, ...], of_seeds: float) -> None:
    """A mean of .3 would say that the model may be the retrained one, of which two seeds are none."""
    rows = [
        {
            **row("forget", "generation", "forget_quality", p, math.nan),
            "seed": seed,
            "missing": "",
            "n_people": 5,
        }
        for seed, p in enumerate(p_values)
    ]
    scores = Scores(results(*rows))
    quantity = Quantity("forget", "text", "generation", "forget_quality")
    score = scores.sets.find(VANILLA_LINEAGE, Condition(10, "strict"), quantity)
    assert score is not None and score.value == pytest.approx(of_seeds)
    assert math.isnan(score.low) and math.isnan(score.high) and (score.n, score.n_people) == (10, 5)
