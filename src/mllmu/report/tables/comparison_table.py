"""Every model against the retrained and the vanilla model, as a table for other programs."""

from __future__ import annotations

import pandas as pd

from mllmu.benchmark.types import Task
from mllmu.evaluation import METRICS, Difference
from mllmu.report.names import shown
from mllmu.report.numbers.comparisons import Comparisons, Measured, Term
from mllmu.report.numbers.result_columns import KEYS, QUANTITY
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, VANILLA_LINEAGE

_NUMBERS = ("value", "ci_low", "ci_high", "n", "n_people", "p_value")
COLUMNS = (*KEYS, "seed", *QUANTITY, "against", "against_further_steps", *_NUMBERS)
_REFERENCES = {"retrained": RETRAINED_LINEAGE, "vanilla": VANILLA_LINEAGE}


def comparison_table(person_scores: pd.DataFrame) -> pd.DataFrame:
    """The paired difference of every model to the retrained and the vanilla one of its split and seed.

    A model after further steps is compared with the references after the same steps where these were asked,
    since rounding or relearning changes what a model that never learned of the people answers, too.

    Args:
        person_scores: the frame of ``person_scores.parquet``.

    Returns:
        One row for each model, seed, cell and reference other than itself. ``against`` is ``retrained`` or
        ``vanilla``, and ``against_further_steps`` what was done to that one later; value and interval are the
        model's score minus the reference's in the metric's unit; ``p_value`` is two-sided and not adjusted
        for the number of rows.

    Raises:
        UserError: a column is missing.
    """
    comparisons = Comparisons(person_scores)
    models = comparisons.models()
    known_models = set(models)
    rows = []
    for lineage, condition, seed in models:
        beside = {}
        for against, reference in _REFERENCES.items():
            treated = reference.treated_as(lineage)
            beside[against] = treated if (treated, condition, seed) in known_models else reference
        whose = (*lineage.columns.values(), condition.forget_ratio, condition.protocol, seed)
        for eval_set, modality, task, name, view in comparisons.cells(lineage, condition, seed):
            if name not in METRICS.names():
                continue
            metric = shown(name, Task(task))
            cells = (Measured(eval_set, modality, metric, view),)
            for against, reference in beside.items():
                terms = (Term(1, lineage, cells), Term(-1, reference, cells))
                gap = comparisons.combine(condition, terms, (seed,)) if lineage != reference else None
                if gap is not None:
                    cell = (eval_set, modality, task, name, view)
                    steps = reference.further_steps
                    rows.append((*whose, *cell, against, steps, *_numbers(gap, metric.scale)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _numbers(gap: Difference, scale: float) -> tuple[float, ...]:
    """Points of 100 turned back into the metric's unit."""
    ends = (each / scale for each in (gap.value, gap.low, gap.high))
    return (*ends, gap.n, gap.n_people, gap.p_value)
