"""Harmonic mean of several means."""

from __future__ import annotations

import numpy as np

from mllmu.evaluation.set_metrics.set_metric import Floats


def harmonic_mean_of_parts(values: Floats, parts: Floats, count: int) -> float:
    """Harmonic mean of the parts' means; 0 where one of them is 0.

    Means .5 and 1 give 2 / (1 / .5 + 1 / 1) = .667.

    Args:
        values: at least 0 [n].
        parts: which part each belongs to, counted from 0 [n].
        count: how many parts there are.

    Returns:
        NaN where a part has no value, as may be in a resample.
    """
    codes = parts.astype(np.intp)
    counts = np.bincount(codes, minlength=count)
    if not counts.all():
        return float("nan")
    means = np.bincount(codes, weights=values) / counts
    return 0.0 if means.min() <= 0 else float(means.size / (1 / means).sum())
