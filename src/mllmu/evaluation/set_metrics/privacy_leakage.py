"""Privacy leakage (MUSE, arXiv 2407.06460, section 3.3): membership AUC against the retrained model's."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mllmu.benchmark.types import Task
from mllmu.evaluation.set_metrics.aligned_values import FORGET, HOLDOUT, aligned, of_records
from mllmu.evaluation.set_metrics.attacks import min_k
from mllmu.evaluation.set_metrics.discrimination import areas_under_curve
from mllmu.evaluation.set_metrics.membership import member_samples
from mllmu.evaluation.set_metrics.set_metric import Floats, Goal, Models, ReferenceModel, SetMetric, SetSample
from mllmu.evaluation.set_metrics.vectorised import OfCounts


def _leakage(counts: Floats, scores: Floats, reference: Floats, is_member: Floats) -> Floats:
    """100 (AUC - AUC of retrained) / AUC of retrained; NaN where that is 0 or a group is empty.

    AUC .9 where retrained has .5 is 80: .4 of .5.
    """
    of_retrained = areas_under_curve(counts, reference, is_member)
    difference = areas_under_curve(counts, scores, is_member) - of_retrained
    share = np.full_like(difference, np.nan)
    return 100 * np.divide(difference, of_retrained, out=share, where=of_retrained > 0)


leakage = OfCounts(_leakage)


def _samples(models: Models) -> Iterator[SetSample]:
    take = of_records(min_k, (Task.GENERATION.value, Task.CLOZE.value), (FORGET, HOLDOUT))
    rows = aligned(models, take, ReferenceModel.RETRAINED)
    yield from member_samples(rows, ("value", ReferenceModel.RETRAINED.value), "min_k")


PRIVACY_LEAKAGE = SetMetric(
    "privacy_leakage",
    "Privacy leakage",
    _samples,
    leakage,
    Goal.ZERO,
    meaning=(
        "how far the membership AUC lies above the retrained model's, in per cent of that; below 0 people "
        "stand out by being forgotten"
    ),
    blind_spot="how sure it is where the retrained model's own AUC is small, and so divides by little",
    needs=(ReferenceModel.RETRAINED,),
    bounds=(-100, float("inf")),
    decimals=1,
)
