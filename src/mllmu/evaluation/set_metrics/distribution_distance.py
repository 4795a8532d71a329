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
from mllmu.evaluation.set_metrics.vectorised import OfCounts

_SCORE = "answer_probability"
BINS = 10
"""Of the histograms that Jensen and Shannon's distance compares, between 0 and 1."""
_EDGES = np.linspace(0, 1, BINS + 1)


def _ks(counts: Floats, values: Floats, reference: Floats) -> Floats:
    """Largest gap between the two cumulative distributions, in 0..1 (Kolmogorov and Smirnov)."""
    points, gaps = _gaps(counts, values, reference)
    # Between equal points there is no gap yet.
    last = np.concatenate([points[1:] != points[:-1], [True]])
    return np.asarray(gaps[:, last].max(axis=1))


def _jensen_shannon(counts: Floats, values: Floats, reference: Floats) -> Floats:
    """Root of the Jensen-Shannon divergence, base 2, of two histograms of `BINS` bins, in 0..1."""
    from scipy.spatial.distance import jensenshannon  # a second, which lists of metrics do not have

    histograms = (
        counts @ (_bins(column)[:, np.newaxis] == np.arange(BINS)) for column in (values, reference)
    )
    # Equal histograms may differ by rounding, and the root of less than nothing is NaN.
    return np.nan_to_num(jensenshannon(*histograms, base=2, axis=1))


def _bins(values: Floats) -> npt.NDArray[np.intp]:
    """The bin of each value, in 0..1, as `numpy.histogram` counts them."""
    return np.minimum(np.searchsorted(_EDGES, values, side="right") - 1, BINS - 1)


def _wasserstein(counts: Floats, values: Floats, reference: Floats) -> Floats:
    """Mean distance by which values have to be moved to be distributed as the reference's, in 0..1."""
    points, gaps = _gaps(counts, values, reference)
    return np.asarray(gaps[:, :-1] @ np.diff(points))


def _gaps(counts: Floats, values: Floats, reference: Floats) -> tuple[Floats, Floats]:
    """All values of both in order [2 n], and how far the cumulative shares up to each are apart.

    The latter is [resamples, 2 n]; of equal points only the last one's is that of the distributions.
    """
    both = np.concatenate([values, reference])
    order = np.argsort(both, kind="stable")
    more = np.concatenate([counts, -counts], axis=1)[:, order].cumsum(axis=1)
    return both[order], np.abs(more) / counts.sum(axis=1, keepdims=True)


ks, jensen_shannon, wasserstein = map(OfCounts, (_ks, _jensen_shannon, _wasserstein))
"""Distances of two columns of the same questions."""


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
    interval=Interval.DISTANCE,
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
    interval=Interval.DISTANCE,
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
    interval=Interval.DISTANCE,
)
