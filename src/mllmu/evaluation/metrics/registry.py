"""All metrics by name."""

from __future__ import annotations

from mllmu.benchmark.types import Task
from mllmu.evaluation.metrics import (
    bleu,
    cloze,
    factuality,
    memorization,
    options,
    probability,
    rouge,
    truth_ratio,
)
from mllmu.evaluation.metrics.metric import Metric, Unit
from mllmu.suggest import unknown

_CLASSIFICATION, _GENERATION, _CLOZE = (Task.CLASSIFICATION,), (Task.GENERATION,), (Task.CLOZE,)
_WRITTEN = (Task.GENERATION, Task.CLOZE)

_ALL = (
    Metric(
        "option_likelihood_accuracy",
        "Accuracy (option likelihood)",
        _CLASSIFICATION,
        Unit.PER_CENT,
        options.option_likelihood_accuracy,
    ),
    Metric(
        "letter_likelihood_accuracy",
        "Accuracy (letter likelihood)",
        _CLASSIFICATION,
        Unit.PER_CENT,
        options.letter_likelihood_accuracy,
    ),
    Metric(
        "letter_accuracy",
        "Accuracy (written letter)",
        _CLASSIFICATION,
        Unit.PER_CENT,
        options.letter_accuracy,
    ),
    Metric(
        "letter_invalid",
        "No letter to be read",
        _CLASSIFICATION,
        Unit.PER_CENT,
        options.letter_invalid,
    ),
    Metric("rouge1_f", "ROUGE-1", _GENERATION, Unit.FRACTION, rouge.rouge1_f),
    Metric("rouge2_f", "ROUGE-2", _GENERATION, Unit.FRACTION, rouge.rouge2_f),
    Metric("rougeL_f", "ROUGE-L", _GENERATION, Unit.FRACTION, rouge.rougeL_f),
    Metric("rouge1_recall", "ROUGE-1 recall", _GENERATION, Unit.FRACTION, rouge.rouge1_recall),
    Metric("rougeL_recall", "ROUGE-L recall", _GENERATION, Unit.FRACTION, rouge.rougeL_recall),
    Metric("bleu", "BLEU", _GENERATION, Unit.FRACTION, bleu.bleu),
    Metric(
        "generation_contains",
        "Correct value contained",
        _GENERATION,
        Unit.PER_CENT,
        cloze.generation_contains,
    ),
    Metric("cloze_contains", "Cloze (contains)", _CLOZE, Unit.PER_CENT, cloze.cloze_contains),
    Metric("cloze_exact", "Cloze (exact)", _CLOZE, Unit.PER_CENT, cloze.cloze_exact),
    Metric(
        "answer_probability",
        "Probability of the answer",
        _WRITTEN,
        Unit.FRACTION,
        probability.answer_probability,
    ),
    Metric("truth_ratio", "Truth ratio", _GENERATION, Unit.FRACTION, truth_ratio.truth_ratio),
    Metric(
        "extraction_strength",
        "Extraction strength",
        _WRITTEN,
        Unit.FRACTION,
        memorization.extraction_strength,
    ),
    Metric(
        "exact_memorization", "Exact memorisation", _WRITTEN, Unit.FRACTION, memorization.exact_memorization
    ),
    Metric("factuality", "Factuality (judge)", _GENERATION, Unit.SCORE, factuality.factuality),
    Metric(
        "factuality_counted",
        "Factuality (unread as 1)",
        _GENERATION,
        Unit.SCORE,
        factuality.factuality_counted,
    ),
    Metric(
        "factuality_unread",
        "No score to be read",
        _GENERATION,
        Unit.PER_CENT,
        factuality.factuality_unread,
    ),
)
METRICS = {metric.name: metric for metric in _ALL}


def metric_names() -> tuple[str, ...]:
    """All names that `get_metric` knows."""
    return tuple(METRICS)


def get_metric(name: str) -> Metric:
    """The metric of that name.

    Raises:
        UserError: no metric has that name.
    """
    if name not in METRICS:
        raise unknown("metric", name, METRICS)
    return METRICS[name]
