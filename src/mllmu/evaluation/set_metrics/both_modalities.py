"""AccF, AccR, RLF and RLR (UMU-Bench): is a fact gone, or kept, both by face and by name?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from mllmu.benchmark.types import Modality, Task
from mllmu.evaluation.set_metrics.aligned_values import FORGET, RETAIN
from mllmu.evaluation.set_metrics.modality_pairs import NO_PAIR, accuracies, modality_pairs
from mllmu.evaluation.set_metrics.set_metric import (
    OVER_ALL,
    Floats,
    Goal,
    Interval,
    Models,
    SetMetric,
    SetSample,
)
from mllmu.evaluation.set_metrics.vectorised import OfMeans

_ROUGE = "rougeL_f"
_SIDES = (Modality.IMAGE_TEXT.value, Modality.TEXT.value)
_RIGHT = 50.0
"""From which on a fact counts as known, in per cent of the answers about it in one modality."""


def both_wrong(by_face: Floats, by_name: Floats) -> Floats:
    """100 for a fact that is wrong in both modalities, else 0, from answers that are 0 or 100 [n]."""
    return np.where((by_face < _RIGHT) & (by_name < _RIGHT), 100.0, 0.0)


def both_right(by_face: Floats, by_name: Floats) -> Floats:
    """100 for a fact that is right in both modalities, else 0 [n]."""
    return np.where((by_face >= _RIGHT) & (by_name >= _RIGHT), 100.0, 0.0)


def larger_of_two(by_face: Floats, by_name: Floats) -> Floats:
    """(a^2 + b^2) / (a + b) of each fact, near the larger of the two; 0 where both are 0 [n].

    .2 and .6 give (.04 + .36) / .8 = .5.
    """
    return _ratio(by_face**2 + by_name**2, by_face + by_name)


def smaller_of_two(by_face: Floats, by_name: Floats) -> Floats:
    """2 a b / (a + b) of each fact, near the smaller of the two; 0 where both are 0 [n].

    .2 and .6 give .24 / .8 = .3.
    """
    return _ratio(2 * by_face * by_name, by_face + by_name)


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


_mean = OfMeans(lambda mean: mean)


def _accuracy_samples(
    eval_set: str, judge: Callable[[Floats, Floats], Floats]
) -> Callable[[Models], Iterator[SetSample]]:
    def samples(models: Models) -> Iterator[SetSample]:
        for task, metric in accuracies(models.model).items():
            yield _judged(models, metric, task, eval_set, judge)

    return samples


def _rouge_samples(
    eval_set: str, judge: Callable[[Floats, Floats], Floats]
) -> Callable[[Models], Iterator[SetSample]]:
    return lambda models: iter([_judged(models, _ROUGE, Task.GENERATION.value, eval_set, judge)])


def _judged(
    models: Models, metric: str, task: str, eval_set: str, judge: Callable[[Floats, Floats], Floats]
) -> SetSample:
    """What is made of each fact's two values."""
    pairs = modality_pairs(models.model, metric, task, eval_set)
    if pairs.empty:
        return SetSample(eval_set, OVER_ALL, task, missing=NO_PAIR)
    judged = judge(*(pairs[side].to_numpy(dtype="float64") for side in _SIDES))
    return SetSample(eval_set, OVER_ALL, task, (judged,), list(pairs["profile_id"]))


_BLIND_SPOT = "anything about facts that are asked about in one modality only, which it leaves out"

ACC_F = SetMetric(
    "acc_f",
    "Forgotten in both modalities (AccF)",
    _accuracy_samples(FORGET, both_wrong),
    _mean,
    Goal.RETRAINED,
    meaning="facts about people to forget that are wrong both with the picture and by name (%)",
    blind_spot=_BLIND_SPOT,
    bounds=(0, 100),
    interval=Interval.PROPORTION,
    decimals=1,
)

ACC_R = SetMetric(
    "acc_r",
    "Kept in both modalities (AccR)",
    _accuracy_samples(RETAIN, both_right),
    _mean,
    Goal.HIGH,
    meaning="facts about people to retain that are right both with the picture and by name (%)",
    blind_spot=_BLIND_SPOT,
    bounds=(0, 100),
    interval=Interval.PROPORTION,
    decimals=1,
)

RL_F = SetMetric(
    "rl_f",
    "ROUGE-L in either modality (RLF)",
    _rouge_samples(FORGET, larger_of_two),
    _mean,
    Goal.RETRAINED,
    meaning="mean (a² + b²) / (a + b) of the ROUGE-L with the picture and by name, 0 to 1",
    blind_spot=_BLIND_SPOT,
    bounds=(0, 1),
)

RL_R = SetMetric(
    "rl_r",
    "ROUGE-L in both modalities (RLR)",
    _rouge_samples(RETAIN, smaller_of_two),
    _mean,
    Goal.HIGH,
    meaning="mean 2ab / (a + b) of the ROUGE-L with the picture and by name, 0 to 1",
    blind_spot=_BLIND_SPOT,
    bounds=(0, 1),
)
