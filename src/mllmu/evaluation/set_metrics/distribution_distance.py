"""How far two models' scores of the same questions are apart as distributions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from mllmu.evaluation.set_metrics.aligned_values import FORGET, TEST_SET, aligned, of_metric, samples_by_cell
from mllmu.evaluation.set_metrics.set_metric import (
    Floats,
    Goal,
    Interval,
    Models,
    ReferenceModel,
    SetMetric,
    SetSample,
)

_SCORE = "answer_probability"
BINS = 10
"""Of the histograms that Jensen and Shannon's distance compares, between 0 and 1."""
_EDGES = np.linspace(0, 1, BINS + 1)


def ks(values: Floats, reference: Floats) -> float:
    """Largest gap between the two cumulative distributions, in 0..1 (Kolmogorov and Smirnov)."""
    first, second = np.sort(values), np.sort(reference)
    # scipy's test computes a p-value beside, which takes a hundred times longer.
    points = np.concatenate([first, second])
    shares = (np.searchsorted(each, points, side="right") / each.size for each in (first, second))
    return float(np.abs(np.subtract(*shares)).max())


def jensen_shannon(values: Floats, reference: Floats) -> float:
    """Root of the Jensen-Shannon divergence, base 2, of two histograms of `BINS` bins, in 0..1."""
    from scipy.spatial.distance import jensenshannon  # a second, which lists of metrics do not have

    distance = float(jensenshannon(_histogram(values), _histogram(reference), base=2))
    # Equal histograms may differ by rounding, and the root of less than nothing is NaN.
    return 0.0 if np.isnan(distance) else distance


def _histogram(values: Floats) -> npt.NDArray[np.intp]:
    """How many values, in 0..1, are in each bin: as `numpy.histogram` counts, in a tenth of its time."""
    bins = np.searchsorted(_EDGES, values, side="right") - 1
    return np.bincount(np.minimum(bins, BINS - 1), minlength=BINS)


def wasserstein(values: Floats, reference: Floats) -> float:
    """Mean distance by which values have to be moved to be distributed as the reference's, in 0..1."""
    from scipy.stats import wasserstein_distance  # a second, which lists of metrics do not have

    return float(wasserstein_distance(values, reference))


def _samples(models: Models) -> Iterator[SetSample]:
    rows = aligned(models, of_metric(_SCORE, (FORGET, TEST_SET)), ReferenceModel.RETRAINED)
    yield from samples_by_cell(rows, ("value", ReferenceModel.RETRAINED.value), _SCORE)


_BLIND_SPOT = "which questions differ, nor in which direction"

KS_DISTANCE = SetMetric(
    "ks_distance",
    "KS distance to retrained",
    _samples,
    ks,
    Goal.ZERO,
    meaning="largest gap between the two models' cumulative distributions of a score, 0 to 1",
    blind_spot=_BLIND_SPOT,
    needs=(ReferenceModel.RETRAINED,),
    bounds=(0, 1),
    interval=Interval.REFLECTED,
)

JS_DISTANCE = SetMetric(
    "js_distance",
    "JS distance to retrained",
    _samples,
    jensen_shannon,
    Goal.ZERO,
    meaning="Jensen-Shannon distance of the two models' histograms of a score in ten bins, 0 to 1",
    blind_spot=f"{_BLIND_SPOT}, nor how far apart bins are",
    needs=(ReferenceModel.RETRAINED,),
    bounds=(0, 1),
    interval=Interval.REFLECTED,
)

WASSERSTEIN_DISTANCE = SetMetric(
    "wasserstein_distance",
    "Wasserstein distance to retrained",
    _samples,
    wasserstein,
    Goal.ZERO,
    meaning="how far a score has to be moved on average to be distributed as retrained's, 0 to 1",
    blind_spot=_BLIND_SPOT,
    needs=(ReferenceModel.RETRAINED,),
    bounds=(0, 1),
    interval=Interval.REFLECTED,
)
