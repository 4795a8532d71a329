"""Intervals for proportions, when questions about one person are not independent.

Resampling people says that a perfect score is certain, and near 0 and 100 % covers the truth far too seldom.
Korn & Graubard (1998, Survey Methodology 24) take the exact interval of Clopper & Pearson (1934) for as many
independent questions as would have had the same variance.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.stats import beta, t

from mllmu.evaluation.scoring.bootstrap import LEVEL, Estimate

LEAST_CORRELATION = 0.1
"""How much answers about one person are taken to correlate where they seem to correlate less."""
_EDGE = (1 - LEVEL) / 2


def clustered_proportion(
    values: npt.ArrayLike,
    people: Sequence[object],
    parts: Sequence[object] | None = None,
    counts: npt.ArrayLike | None = None,
) -> Estimate:
    """Mean of `values` [n] in per cent, with the interval of Korn & Graubard over `people` [n].

    Args:
        values: 0 or 100, or between; NaN where missing. With `counts`, means of such.
        people: whom each question is about.
        parts: what each question belongs to [n]. The number is then the mean of the parts' means, in which
            every part counts the same; one person may have questions in several.
        counts: how many questions of one person and part each value is the mean of [n]; one if None. The
            result is that of the questions one by one.

    Returns:
        Value and ends in 0..100; both ends are NaN where a single person was asked about.

    Raises:
        ValueError: there is not one person, one part and one count per value.

    Example:
        Ten people, each right::

            clustered_proportion([100.0] * 10, range(10))  # 100.0, from 69.2 to 100
    """
    given = np.asarray(values, dtype=np.float64)
    asked = np.ones_like(given) if counts is None else np.asarray(counts, dtype=np.float64)
    sizes = {(len(people),), asked.shape, (len(people if parts is None else parts),)}
    if sizes != {given.shape}:
        raise ValueError(f"expected one person, one part and one count per value, got {given.shape} values")
    is_present = ~np.isnan(given)
    share, repeats = given[is_present] / 100, asked[is_present]
    if not share.size:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    person_of, part_of = (_codes(names)[is_present] for names in (people, parts or [""] * len(people)))
    part_of = np.unique(part_of, return_inverse=True)[1]
    counted = np.bincount(part_of, weights=repeats)
    weights = 1 / (len(counted) * counted[part_of])
    means = np.bincount(part_of, weights=repeats * share) / counted
    value = float(means.mean())
    # What every person adds to the deviation of the mean, by linearisation of the parts' ratios.
    added = np.bincount(person_of, weights=repeats * weights * (share - means[part_of]))[np.unique(person_of)]
    variance = len(added) / max(len(added) - 1, 1) * float(added @ added)
    questions = float(1 / ((repeats * weights) @ weights))
    low, high = korn_graubard(value, variance, questions, len(added))
    return Estimate(100 * value, 100 * low, 100 * high, int(repeats.sum()), n_people=len(added))


def korn_graubard(value: float, variance: float, questions: float, people: int) -> tuple[float, float]:
    """The 95 % interval of Korn & Graubard (1998) for a proportion.

    The effective number of questions is value (1 - value) / variance, times the square of the ratio of
    Student's quantiles with questions - 1 and people - 1 degrees of freedom, since a variance estimated from
    few people is uncertain. Where the variance is 0 it is the number of people: they may all be alike in what
    was asked, but are not one another's repetition.

    Near 0 and 1 a few people decide the variance, and who misses them estimates it too small. It therefore
    counts as no smaller than if answers about one person correlated by `LEAST_CORRELATION`: with m questions
    about each, the effective number is at most questions / (1 + 0.1 (m - 1)) (Kish 1965), instead of the
    number of questions itself as in Korn & Graubard.

    Args:
        value: in 0..1.
        variance: of `value`, from differences between people.
        questions: how many were asked; fewer where they count differently.
        people: how many they are about.

    Returns:
        Lower and upper end in 0..1; NaN for a single person.
    """
    if people < 2:
        return float("nan"), float("nan")
    effective = float(people)
    if variance > 1e-12:
        repeated = max(questions / people - 1, 0)
        most = questions / (1 + LEAST_CORRELATION * repeated)
        effective = min(value * (1 - value) / variance, most)
        # Questions that count differently may come to fewer than the people, and never make them more.
        effective *= min(float(t.ppf(_EDGE, questions - 1) / t.ppf(_EDGE, people - 1)) ** 2, 1.0)
    return clopper_pearson(value * effective, effective)


def clopper_pearson(right: float, asked: float) -> tuple[float, float]:
    """The exact 95 % interval of `right` of `asked` independent questions (Clopper & Pearson 1934).

    Both may be fractions. Ends are in 0..1: quantiles of beta distributions.
    """
    wrong = max(asked - right, 0.0)
    low = float(beta.ppf(_EDGE, right, wrong + 1)) if right > 0 else 0.0
    high = float(beta.ppf(1 - _EDGE, right + 1, wrong)) if wrong > 1e-9 else 1.0
    return low, high


def _codes(names: Sequence[object]) -> npt.NDArray[np.intp]:
    return np.unique([str(name) for name in names], return_inverse=True)[1]
