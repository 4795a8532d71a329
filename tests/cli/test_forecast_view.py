"""Protects what ``--dry-run`` says of time: the workers' own, and what nothing is known of."""

from __future__ import annotations

from mllmu.cli.forecast_view import forecast_table
from mllmu.study import Forecast

LONG = Forecast("unlearning", "unlearn", False, 600.0)
SHORT = Forecast("asking", "ask", False, 60.0)
NEW = Forecast("scoring", "score", False, None)
DONE = Forecast("fine_tuning", "teach", True, 0.0)


def said(stages: list[Forecast], workers: int = 1) -> str:
    """The line that sums up."""
    return str(forecast_table(stages, workers).renderables[-1])


def test_the_time_is_that_of_the_workers_asked_for() -> None:
    stages = [DONE, *[LONG] * 4]
    assert said(stages) == "5 stages at most, 1 done, 4 to do in about 40 min 0 s."
    assert said(stages, 2) == "5 stages at most, 1 done, 4 to do in about 20 min 0 s by 2 workers."


def test_no_number_of_workers_makes_a_stage_shorter() -> None:
    assert said([LONG, SHORT], 8).endswith("2 to do in about 10 min 0 s by 2 workers.")
    assert said([LONG], 8).endswith("1 to do in about 10 min 0 s.")


def test_what_was_never_measured_is_named() -> None:
    assert said([LONG, NEW]).endswith(
        "in about 10 min 0 s; no time is known of 1 scoring, as no such stage was "
        "measured beside this folder yet."
    )
    assert said([NEW]).startswith("1 stage at most, 0 done, 1 to do; no time is known of 1 scoring")
    assert said([DONE]) == "1 stage at most, 1 done, 0 to do."
