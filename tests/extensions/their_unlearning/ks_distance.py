"""How far the answers' probabilities are distributed from those of the retrained model."""

from __future__ import annotations

from scipy.stats import ks_2samp

from mllmu.benchmark import Task
from mllmu.evaluation import Direction, Metric, Unit
from mllmu.evaluation.metrics.probability import answer_probability

KS_DISTANCE = Metric(
    "ks_distance",
    "KS distance to retrained",
    (Task.GENERATION, Task.CLOZE),
    Unit.FRACTION,
    answer_probability,
    meaning="largest gap between two cumulative distributions, 0 to 1",
    blind_spot="which questions differ",
    direction=Direction.LOWER,
    needs_reference=True,
    summarise=lambda values, reference: float(ks_2samp(values, reference).statistic),
)
