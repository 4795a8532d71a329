"""Faithfulness and robustness of metrics: do they tell models apart, and still after a disturbance?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mllmu.evaluation.audit.readings import Reading, knowledge_by_metric
from mllmu.evaluation.audit.separation import Separation, separation
from mllmu.evaluation.set_metrics.set_metric import OVER_ALL

POOL = ("metric", "modality", "taught", "model", "disturbance", "knowledge")
"""Columns of a table of readings: of which metric, how asked, whether the model was taught the people, which
model, what was done to it afterwards (empty for nothing), and what was read."""


def pool_rows(readings: Sequence[Reading], taught: bool, model: str, disturbance: str) -> pd.DataFrame:
    """What metrics read off one model, with a row over both ways of asking where a metric has one for each.

    Args:
        readings: of the model.
        taught: whether it was taught the people to forget.
        model: what tells it from others, the same for all that was made of it.
        disturbance: what was done to it after teaching; empty for nothing.
    """
    numbers = {(one.metric, one.modality): one.knowledge() for one in readings}
    numbers |= {(name, OVER_ALL): number for name, number in knowledge_by_metric(readings).items()}
    rows = [(*key, taught, model, disturbance, number) for key, number in numbers.items()]
    return pd.DataFrame(rows, columns=list(POOL))


def faithfulness(pool: pd.DataFrame) -> pd.DataFrame:
    """Every metric's faithfulness, robustness, and the two in one number, with 95 % intervals.

    Faithfulness is the area under the ROC curve with which a metric tells models that were taught the people
    from models that were not (arXiv 2506.12618, section 4). Robustness to a disturbance is the same area over
    all pairs of which one model at least is disturbed: disturbed ones among themselves, and with undisturbed
    ones on either side, each part by its number of pairs. Robustness is its mean over disturbances, overall
    the harmonic mean of faithfulness and robustness. Its interval, and that of robustness, has the mean of
    the lower ends as its lower end, and likewise above: wider than it need be, as errors are not independent.
    Where no model was disturbed, overall is faithfulness; where only a metric lacks robustness, it has none.

    Args:
        pool: columns of `POOL`.

    Returns:
        A row for each metric and modality, the best first: metric, modality, faithfulness, robustness,
        overall, each with ``_low`` and ``_high``, one column for each disturbance, and ``knowing`` and
        ``others``, how many models were told apart: a model counts once, of how many people ever it was read,
        and not at all where the metric has no number for it.
    """
    rows = []
    is_robustness_known = bool((pool["disturbance"] != "").any())
    for (metric, modality), part in pool.groupby(["metric", "modality"], sort=False):
        part = part.dropna(subset="knowledge")
        own = part[part["disturbance"] == ""]
        faithful = _separation(own, own)
        disturbed = {
            str(name): _pooled([(changed, changed), (own, changed), (changed, own)])
            for name, changed in part[part["disturbance"] != ""].groupby("disturbance")
        }
        robust = _mean(list(disturbed.values()))
        overall = _harmonic(faithful, robust) if is_robustness_known else faithful
        numbers = {"faithfulness": faithful, "robustness": robust, "overall": overall}
        row: dict[str, object] = {"metric": metric, "modality": modality}
        for name, number in numbers.items():
            row |= {name: number.area, f"{name}_low": number.low, f"{name}_high": number.high}
        row |= {name: number.area for name, number in disturbed.items()}
        rows.append({**row, "knowing": _models(own, taught=True), "others": _models(own, taught=False)})
    table = pd.DataFrame(rows)
    return table.sort_values(["overall", "faithfulness"], ascending=False, kind="stable", ignore_index=True)


def _separation(knowing: pd.DataFrame, others: pd.DataFrame) -> Separation:
    return separation(
        knowing.loc[knowing["taught"], "knowledge"].tolist(),
        others.loc[~others["taught"], "knowledge"].tolist(),
        (_models(knowing, taught=True), _models(others, taught=False)),
    )


def _models(part: pd.DataFrame, taught: bool) -> int:
    return int(part.loc[part["taught"] == taught, "model"].nunique())


def _pooled(pools: Sequence[tuple[pd.DataFrame, pd.DataFrame]]) -> Separation:
    """The area over all pairs of a model that knows, of the first, and one that does not, of the second."""
    pairs = [int(one["taught"].sum()) * int((~other["taught"]).sum()) for one, other in pools]
    parts = [(_separation(*both), n) for both, n in zip(pools, pairs, strict=True) if n]
    return _mean([one for one, _ in parts], [n for _, n in parts])


def _mean(numbers: Sequence[Separation], weights: Sequence[float] | None = None) -> Separation:
    if not numbers:
        return Separation(float("nan"), float("nan"), float("nan"))
    each = [(one.area, one.low, one.high) for one in numbers]
    area, low, high = np.average(each, axis=0, weights=weights)
    return Separation(float(area), float(low), float(high))


def _harmonic(one: Separation, other: Separation) -> Separation:
    """The harmonic mean, of the ends as of the areas; NaN where either is."""
    pairs = ((one.area, other.area), (one.low, other.low), (one.high, other.high))
    return Separation(*(2 * a * b / (a + b) if a + b else 0.0 for a, b in pairs))
