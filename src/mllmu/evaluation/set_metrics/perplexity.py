"""Perplexity of the true answers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mllmu.benchmark.types import EvaluationSet, Task
from mllmu.evaluation.set_metrics.aligned_values import samples_by_cell, usual_records
from mllmu.evaluation.set_metrics.set_metric import Floats, Goal, Models, SetMetric, SetSample
from mllmu.evaluation.set_metrics.vectorised import OfMeans


def _perplexity(log_probs: Floats, tokens: Floats) -> Floats:
    """Exp of the mean negative log-likelihood of all tokens, at least 1; NaN without tokens.

    Args:
        log_probs: mean of whole answers, in nats.
        tokens: how many an answer has on average, end token included.
    """
    # The perplexity of a broken model may be beyond what a float holds: inf is meant.
    with np.errstate(over="ignore"):
        nll = np.divide(-log_probs, tokens, out=np.full_like(tokens, np.nan), where=tokens > 0)
        return np.asarray(np.exp(nll))


perplexity = OfMeans(_perplexity)


def _samples(models: Models) -> Iterator[SetSample]:
    sets = [each.value for each in EvaluationSet]

    rows = usual_records(models.model, (Task.GENERATION.value,), sets)
    rows = rows[rows["answer_log_probs"].map(len) > 0]
    rows = rows.assign(total=rows["answer_log_probs"].map(sum), tokens=rows["answer_log_probs"].map(len))
    yield from samples_by_cell(rows, ("total", "tokens"))


PERPLEXITY = SetMetric(
    "perplexity",
    "Perplexity",
    _samples,
    perplexity,
    Goal.RETRAINED,
    meaning="of the tokens of true answers, at least 1; high where the answer is unlikely",
    blind_spot="which tokens are unlikely: a single one can outweigh all others",
    bounds=(1, float("inf")),
    decimals=2,
)
