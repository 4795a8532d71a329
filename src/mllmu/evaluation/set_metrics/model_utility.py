"""Model utility (TOFU, arXiv 2401.06121, section 2.2.1): what is left of everything that is to be kept."""

from __future__ import annotations

from collections.abc import Iterator

from mllmu.benchmark.types import Task
from mllmu.evaluation.set_metrics.aligned_values import CELEBRITY, RETAIN, of_metric
from mllmu.evaluation.set_metrics.harmonic import harmonic_mean_of_parts
from mllmu.evaluation.set_metrics.set_metric import OVER_ALL, Floats, Goal, Models, SetMetric, SetSample

MEASURES = ("answer_probability", "rougeL_recall", "truth_ratio")
_SETS = (RETAIN, CELEBRITY)


def _samples(models: Models) -> Iterator[SetSample]:
    import pandas as pd  # a second, which lists of metrics do not have

    taken = [
        of_metric(measure, (eval_set,))(models.model).assign(part=f"{eval_set}/{measure}")
        for eval_set in _SETS
        for measure in MEASURES
    ]
    rows = pd.concat(taken)
    rows = rows[rows["task"] == Task.GENERATION.value]
    for modality in (*sorted(set(rows["modality"])), OVER_ALL):
        chosen = rows if modality == OVER_ALL else rows[rows["modality"] == modality]
        parts, names = pd.factorize(chosen["part"])
        if len(names) < len(taken):
            lacking = next(one for one in (f"{s}/{m}" for s in _SETS for m in MEASURES) if one not in names)
            yield SetSample(OVER_ALL, modality, Task.GENERATION.value, missing=f"there is no {lacking}")
            continue
        columns = chosen["value"].to_numpy(dtype="float64"), parts.astype("float64")
        n = chosen["record"].nunique()
        people, groups = list(chosen["profile_id"]), list(chosen["eval_set"])
        yield SetSample(OVER_ALL, modality, Task.GENERATION.value, columns, people, groups, n=n)


def _statistic(values: Floats, parts: Floats) -> float:
    return harmonic_mean_of_parts(values, parts, len(_SETS) * len(MEASURES))


MODEL_UTILITY = SetMetric(
    "model_utility",
    "Model utility",
    _samples,
    _statistic,
    Goal.HIGH,
    meaning=(
        "harmonic mean over retain and celebrity of the answer's probability, ROUGE-L recall and truth "
        "ratio, 0 to 1"
    ),
    blind_spot="which of its parts fell: the least of them decides",
    bounds=(0, 1),
)
