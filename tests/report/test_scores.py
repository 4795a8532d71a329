"""Protects the numbers behind tiles and findings: what is averaged, and how wide a mean's interval is."""

from __future__ import annotations

import pandas as pd
import pytest

from mllmu.benchmark.types import Task
from mllmu.errors import UserError
from mllmu.report.names import shown
from mllmu.report.scores import Scores
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


def test_half_widths_of_different_people_combine_in_quadrature() -> None:
    """Retain 60 ± 3 and celebrity 80 ± 4: 70 ± sqrt(9 + 16) / 2; added they would give 3.5."""
    scores = Scores(
        results(
            row("retain", "cloze", "cloze_contains", 60, 3),
            row("celebrity", "cloze", "cloze_contains", 80, 4),
        )
    )
    mean = scores.mean(VANILLA_LINEAGE, scores.conditions[0], ["retain", "celebrity"], ["text"], [CLOZE])
    assert mean is not None
    assert (mean.value, mean.half_width, mean.n) == (70, pytest.approx(2.5), 20)


def test_half_widths_of_the_same_people_are_averaged() -> None:
    """Two tasks about the same people may err together: (2 + 6) / 2."""
    scores = Scores(
        results(
            row("retain", "cloze", "cloze_contains", 60, 2),
            row("retain", "generation", "generation_contains", 80, 6),
        )
    )
    mean = scores.mean(VANILLA_LINEAGE, scores.conditions[0], ["retain"], ["text"], [CLOZE, CONTAINED])
    assert mean is not None
    assert (mean.value, mean.half_width) == (70, pytest.approx(4))


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
