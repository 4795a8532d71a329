"""General ability as one table: every number of every task, with an interval or why it has none."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mllmu.bridges.lmms_eval.lmms_files import LmmsResults, read_lmms_results
from mllmu.evaluation.scoring.proportion import clopper_pearson

UTILITY_COLUMNS = ("model", "task", "metric", "filter", "value", "stderr", "ci_low", "ci_high", "n", "note")
LLAVA_REVIEW = "gpt_eval_llava_"
"""How the metrics of LLaVA-Bench's own judge are called, in results and in samples."""
_STDERR = "_stderr"
_DEVIATIONS = 1.959964  # of a normal distribution, around its middle 95 %
_NAN = float("nan")
_Interval = tuple[float, float, str]


def read_utility(folder: Path) -> pd.DataFrame:
    """The table of all results of lmms-eval below a folder; of a task that was asked again, the newest.

    A metric whose questions are all right or wrong has the exact interval of Clopper & Pearson (1934); any
    other has the normal one of lmms-eval's standard error. Questions count as independent. `note` says why a
    number or its interval is missing.

    Raises:
        UserError: there are no results, or they cannot be read.

    Example:
        ::

            read_utility(Path("utility/npo")).set_index(["task", "metric"])["value"]
    """
    newest: dict[tuple[str, str], list[tuple[object, ...]]] = {}
    for results in read_lmms_results(folder):
        for task, scores in results.part("results").items():
            if isinstance(scores, dict):
                newest[results.model, task] = list(_rows(results, task, scores))
    rows = [row for (model, _), rows in sorted(newest.items()) for row in rows]
    table = pd.DataFrame(rows, columns=list(UTILITY_COLUMNS))
    return table.astype({name: float for name in ("value", "stderr", "ci_low", "ci_high")}).astype(
        {"n": "Int64"}
    )


def _rows(results: LmmsResults, task: str, scores: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    """The rows of one task."""
    count = _count(results, task)
    flat = dict(_flat(scores))
    samples = _values(results, task, {key.partition(",")[0] for key in flat})
    for key, value in flat.items():
        metric, _, kind = key.partition(",")
        stderr = _number(scores.get(f"{metric}{_STDERR},{kind}"))
        number = _number(value)
        values = samples[metric]
        if metric.startswith(LLAVA_REVIEW) and any(_is_failed_review(one) for one in values):
            number, stderr = _NAN, _NAN
            interval = (
                _NAN,
                _NAN,
                "its own judge gave no score; mllmu judge llava has ours rate the answers",
            )
        else:
            interval = _interval(number, stderr, values)
        yield (results.model, task, metric, kind, number, stderr, *interval[:2], count, interval[2])


def _values(results: LmmsResults, task: str, metrics: set[str]) -> dict[str, list[object]]:
    """What the samples of a task say of each metric, question by question."""
    values: dict[str, list[object]] = {metric: [] for metric in metrics}
    for sample in results.samples(task):
        for metric in metrics & sample.keys():
            values[metric].append(sample[metric])
    return values


def _flat(scores: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Metrics with their numbers, those of a table in a table apart; without standard errors and titles."""
    for key, value in scores.items():
        if _STDERR in key or key.strip() in ("", "alias", "task", "samples"):
            continue
        if isinstance(value, dict):
            metric, comma, kind = key.partition(",")
            yield from ((f"{metric}.{name}{comma}{kind}", one) for name, one in value.items())
        else:
            yield key, value


def _interval(value: float, stderr: float, samples: Sequence[object]) -> _Interval:
    """Both ends and a note, which is empty where there is an interval."""
    if math.isnan(value):
        return _NAN, _NAN, "lmms-eval gives no number"
    right = [_number(one) for one in samples]
    if len(right) > 1 and set(right) <= {0.0, 1.0}:
        share = sum(right) / len(right)
        if share == 0 and math.isclose(value, 0, abs_tol=1e-6):
            return _NAN, _NAN, "no answer is right, and nothing tells whether the metric is in per cent"
        scale = next((scale for scale in (1, 100) if math.isclose(value, scale * share, abs_tol=1e-6)), 0)
        if scale:
            low, high = clopper_pearson(sum(right), len(right))
            return scale * low, scale * high, ""
    if math.isnan(stderr):
        return _NAN, _NAN, "lmms-eval gives no standard error"
    if stderr <= 0:
        return _NAN, _NAN, "all questions have the same value, and a standard error of 0 says nothing"
    return value - _DEVIATIONS * stderr, value + _DEVIATIONS * stderr, ""


def _is_failed_review(review: object) -> bool:
    """Whether LLaVA-Bench's own judge failed on an answer; lmms-eval counts such scores as 100 %."""
    scores = review.get("scores") if isinstance(review, dict) else None
    return isinstance(scores, list) and -1 in scores


def _number(value: object) -> float:
    """A finite number; NaN for anything else."""
    if not isinstance(value, int | float):  # also True and False, which metrics of one question may be
        return _NAN
    try:
        number = float(value)
    except OverflowError:
        return _NAN
    return number if math.isfinite(number) else _NAN


def _count(results: LmmsResults, task: str) -> int | None:
    """How many questions a task had; None where the file does not say."""
    counts = results.part("n-samples").get(task)
    number = _number(counts.get("effective")) if isinstance(counts, dict) else _NAN
    return None if math.isnan(number) or number < 0 else int(number)
