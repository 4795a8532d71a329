"""Forget quality (TOFU, arXiv 2401.06121, section 2.2.2): may the model be the retrained one?"""

from __future__ import annotations

from collections.abc import Iterator

from mllmu.benchmark.types import Task
from mllmu.evaluation.metrics.truth_ratio import raw_truth_ratio
from mllmu.evaluation.set_metrics.aligned_values import FORGET, TEST_SET, aligned, of_records, samples_by_cell
from mllmu.evaluation.set_metrics.set_metric import (
    Floats,
    Goal,
    Interval,
    Models,
    ReferenceModel,
    SetMetric,
    SetSample,
)


def ks_p_value(values: Floats, reference: Floats) -> float:
    """p-value of the two-sided two-sample test of Kolmogorov and Smirnov, in 0..1; NaN without values."""
    from scipy.stats import ks_2samp  # a second, which lists of metrics do not have

    return float(ks_2samp(values, reference).pvalue) if values.size and reference.size else float("nan")


def _samples(models: Models) -> Iterator[SetSample]:
    take = of_records(raw_truth_ratio, (Task.GENERATION.value,), (FORGET, TEST_SET))
    rows = aligned(models, take, ReferenceModel.RETRAINED)
    yield from samples_by_cell(rows, ("value", ReferenceModel.RETRAINED.value))


FORGET_QUALITY = SetMetric(
    "forget_quality",
    "Forget quality",
    _samples,
    ks_p_value,
    Goal.HIGH,
    meaning=(
        "p-value of a KS test between the truth ratios of the model and of the retrained one, 0 to 1; of "
        "several seeds the least, times their number"
    ),
    blind_spot=(
        "how far they differ: it falls with the number of questions, takes those about one person for "
        "independent, and is high where few were asked"
    ),
    needs=(ReferenceModel.RETRAINED,),
    bounds=(0, 1),
    interval=Interval.NONE,
    decimals=4,
    is_p_value=True,
)
