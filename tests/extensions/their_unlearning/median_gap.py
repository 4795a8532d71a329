"""How far the median probability of answers is from that of the retrained model's."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mllmu.evaluation import Goal, Models, ReferenceModel, SetMetric, SetSample
from mllmu.evaluation.set_metrics.aligned_values import aligned, of_metric, samples_by_cell


def _samples(models: Models) -> Iterator[SetSample]:
    rows = aligned(models, of_metric("answer_probability", ("forget",)), ReferenceModel.RETRAINED)
    yield from samples_by_cell(rows, ("value", "retrained"))


MEDIAN_GAP = SetMetric(
    "median_gap",
    "Gap of medians",
    _samples,
    lambda values, reference: float(abs(np.median(values) - np.median(reference))),
    Goal.ZERO,
    meaning="distance of the median probability from retrained's, 0 to 1",
    blind_spot="anything but the median",
    needs=(ReferenceModel.RETRAINED,),
    bounds=(0, 1),
)
