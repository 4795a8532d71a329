"""How much is not memorised, in one number (arXiv 2506.12618, appendix on aggregation)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from mllmu.benchmark.types import Task
from mllmu.evaluation.metrics.memorization import exact_memorization, extraction_strength
from mllmu.evaluation.metrics.metric import Values
from mllmu.evaluation.metrics.truth_ratio import raw_truth_ratio
from mllmu.evaluation.metrics.values import mean_nll, per_row
from mllmu.evaluation.set_metrics.aligned_values import FORGET, TEST_SET, of_records
from mllmu.evaluation.set_metrics.harmonic import harmonic_mean_of_parts
from mllmu.evaluation.set_metrics.set_metric import Floats, Goal, Models, SetMetric, SetSample

if TYPE_CHECKING:
    import pandas as pd


def paraphrase_probability(records: pd.DataFrame) -> Values:
    """Probability per token of the true answer in other words, in 0..1."""
    return np.exp(-per_row(mean_nll, records["paraphrase_log_probs"]))


def true_share(records: pd.DataFrame) -> Values:
    """Probability of the true answer in its sum with that of false ones, 1 / (1 + R), in 0..1."""
    return 1 / (1 + raw_truth_ratio(records))


MEASURES = (extraction_strength, exact_memorization, paraphrase_probability, true_share)


def _samples(models: Models) -> Iterator[SetSample]:
    import pandas as pd  # a second, which lists of metrics do not have

    taken = [
        of_records(measure, (Task.GENERATION.value,), (FORGET, TEST_SET))(models.model).assign(part=part)
        for part, measure in enumerate(MEASURES)
    ]
    for (eval_set, modality), rows in pd.concat(taken).groupby(["eval_set", "modality"], sort=True):
        cell = (str(eval_set), str(modality), Task.GENERATION.value)
        if rows["part"].nunique() < len(MEASURES):
            yield SetSample(*cell, missing="there are no paraphrased or no wrong answers")
            continue
        columns = 1 - rows["value"].to_numpy(dtype="float64"), rows["part"].to_numpy(dtype="float64")
        yield SetSample(*cell, columns, list(rows["profile_id"]), n=rows["record"].nunique())


def _statistic(values: Floats, parts: Floats) -> float:
    return harmonic_mean_of_parts(values, parts, len(MEASURES))


NOT_MEMORISED = SetMetric(
    "not_memorised",
    "Not memorised",
    _samples,
    _statistic,
    Goal.RETRAINED,
    meaning=(
        "harmonic mean of 1 - extraction strength, 1 - exact memorisation, 1 - probability of the paraphrase "
        "and 1 - share of the true answer among true and false ones, 0 to 1"
    ),
    blind_spot="a model that finds everything unlikely scores best",
    bounds=(0, 1),
)
