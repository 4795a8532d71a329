"""Two models on the same questions: how far apart they are, and whether that may be chance.

What counts is people, since questions about one person are not independent: below 25 people the exact test of
`sign_flip`, from there on a bootstrap over people.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from mllmu.evaluation.metric_registry import METRICS
from mllmu.evaluation.metrics.metric import Metric
from mllmu.evaluation.scoring.bootstrap import LEVEL, UNBOUNDED, Floats, unseen_ends
from mllmu.evaluation.scoring.score import CELL, question_values
from mllmu.evaluation.scoring.sign_flip import sign_flip_test, smallest_p_value

COMPARISON_COLUMNS = (*CELL, "value", "ci_low", "ci_high", "n", "n_people", "p_value")
QUESTIONS = "questions"
"""The column that tells which questions a person's score is of."""
PERSON_COLUMNS = (*CELL, "profile_id", "value", "n", QUESTIONS)

#: From so many people on the bootstrap takes over.
MANY_PEOPLE = 25
#: Many, so that the least p-value times a family of a few dozen cells stays below .05.
DRAWS = 9999


@dataclass(frozen=True)
class Difference:
    """The mean difference of two models on the same questions.

    Attributes:
        value: mean over questions, in the metric's unit; NaN where there is none.
        low: lower end of the 95 % interval.
        high: upper end of the 95 % interval.
        n: number of questions.
        n_people: number of people they are about.
        p_value: two-sided p-value of "no difference", in (0, 1]; NaN where there is no question.
    """

    value: float
    low: float
    high: float
    n: int
    n_people: int
    p_value: float


def is_beaten(gap: Difference) -> bool | None:
    """Whether the first of two models beats the second: one-sided p over people below .05.

    Returns:
        None where so few people could not tell, however far apart the two are.
    """
    # Half of a two-sided p-value is the one-sided one, on the side where the difference lies.
    if smallest_p_value(gap.n_people) / 2 >= 1 - LEVEL:
        return None
    return gap.value > 0 and gap.p_value / 2 < 1 - LEVEL


def paired_difference(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    people: Sequence[object],
    seed: int,
    draws: int = DRAWS,
    bounds: tuple[float, float] = UNBOUNDED,
) -> Difference:
    """Mean of `first` - `second` [n], values of the same questions; those missing in either are left out.

    `bounds` are as for `difference_of_people`.

    Raises:
        ValueError: the two have different lengths, or there is not one person per value.

    Example:
        >>> paired_difference([1, 1, 1, 1, 1], [0, 0, 0, 0, 0], "abcde", seed=0).p_value
        0.0625
    """
    left, right = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if left.shape != right.shape:
        raise ValueError(f"paired values must be of the same questions, got {left.shape} and {right.shape}")
    gaps = left - right
    if gaps.shape != (len(people),):
        raise ValueError(f"expected one person per value, got {gaps.shape} values and {len(people)} people")
    is_present = ~np.isnan(gaps)
    names = np.asarray([str(person) for person in people], dtype=object)[is_present]
    _, codes = np.unique(names.astype(str), return_inverse=True)
    return difference_of_people(
        np.bincount(codes, weights=gaps[is_present]).astype(np.float64),
        np.bincount(codes).astype(np.float64),
        int(is_present.sum()),
        seed,
        draws,
        bounds,
    )


def difference_of_people(
    differences: Floats,
    weights: Floats,
    n: int,
    seed: int,
    draws: int = DRAWS,
    bounds: tuple[float, float] = UNBOUNDED,
) -> Difference:
    """A mean difference from what each person adds to it.

    The bootstrap's percentiles are those of Student's t, as 25 people still vary less than they should
    (Hesterberg, "What teachers should know about the bootstrap", The American Statistician 2015).

    Where all people differ equally, nothing says how far others may: as for `clustered_mean`, the interval
    reaches `unseen_share` of the way to either bound, though not beyond zero where p is at most .05, and is
    unknown (NaN) without bounds.

    Args:
        differences: [people] sum over each person's questions.
        weights: [people] above 0: how much of the mean is about each; the number of questions, as a rule.
        n: number of questions.
        seed: of the bootstrap, and of flips that are drawn.
        draws: how often people are resampled.
        bounds: the least and the greatest difference there can be.
    """
    people = len(differences)
    if not people:
        return Difference(float("nan"), float("nan"), float("nan"), 0, 0, float("nan"))
    value = float(differences.sum() / weights.sum())
    if people < MANY_PEOPLE:
        low, high, p_value = sign_flip_test(differences, weights, seed)
    else:
        low, high, p_value = _bootstrap(differences, weights, seed, draws)
    if np.allclose(differences / weights, value, rtol=1e-9, atol=1e-12):
        low, high = unseen_ends(value, people, bounds)
        if p_value <= 1 - LEVEL:
            low, high = (max(low, 0.0), high) if value > 0 else (low, min(high, 0.0))
    return Difference(value, low, high, n, people, p_value)


def _bootstrap(differences: Floats, weights: Floats, seed: int, draws: int) -> tuple[float, float, float]:
    """Interval and two-sided p-value from resampling people."""
    people = len(differences)
    sums = _resamples(people, seed, draws) @ np.column_stack([differences, weights])
    means = sums[:, 0] / sums[:, 1]
    shrinkage = float(np.sqrt((people - 1) / people))
    edge = float(stats.norm.cdf(stats.t.ppf((1 - LEVEL) / 2, people - 1) / shrinkage))
    low, high = (float(end) for end in np.quantile(means, [edge, 1 - edge]))
    # One is added to both counts because the observed difference is itself a draw: p is never zero.
    tail = (min(int((means <= 0).sum()), int((means >= 0).sum())) + 1) / (draws + 1)
    p_value = min(1.0, 2 * float(stats.t.cdf(stats.norm.ppf(min(tail, 0.5)) * shrinkage, people - 1)))
    return low, high, p_value


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values of a family of claims, adjusted so that one false claim among all has the usual error rate.

    Args:
        p_values: in [0, 1]; a NaN stays one and is no member of the family.

    Returns:
        In the same order (Holm, "A simple sequentially rejective multiple test procedure", 1979).

    Example:
        >>> holm([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]
    """
    members = sorted((value, index) for index, value in enumerate(p_values) if not np.isnan(value))
    adjusted, largest = [float("nan")] * len(p_values), 0.0
    for rank, (value, index) in enumerate(members):
        largest = max(largest, min(1.0, (len(members) - rank) * value))
        adjusted[index] = largest
    return adjusted


def compare(first: pd.DataFrame, second: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Mean difference `first` - `second` of every metric, on questions both were asked alike.

    Returns:
        Columns eval_set, modality, task, metric, view, value, ci_low, ci_high, n (questions), n_people,
        p_value (two-sided, paired, clustered by person; not adjusted for the number of rows).

    Example:
        ::

            gaps = compare(records_of_npo, records_of_retrained)
            gaps[gaps["p_value"] < 0.05]
    """
    return compare_values(question_values(first), question_values(second), seed)


def compare_values(first: pd.DataFrame, second: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """As `compare`, where the metrics of both models' questions are computed already (`question_values`)."""
    keys = [*CELL, "profile_id", "record"]
    both = first.merge(second, on=keys, suffixes=("_first", "_second"))
    rows = []
    for cell, part in both.groupby(CELL, sort=True):
        pair = part["value_first"].to_numpy(), part["value_second"].to_numpy()
        least, most = METRICS.get(cell[CELL.index("metric")]).unit.bounds
        bounds = least - most, most - least
        gap = paired_difference(*pair, list(part["profile_id"]), seed, bounds=bounds)
        rows.append((*cell, gap.value, gap.low, gap.high, gap.n, gap.n_people, gap.p_value))
    return pd.DataFrame(rows, columns=list(COMPARISON_COLUMNS))


def person_scores(records: pd.DataFrame, metrics: Iterable[Metric] | None = None) -> pd.DataFrame:
    """All metrics person by person: what comparisons of models need of the records.

    Args:
        records: of one model.
        metrics: which; all that are registered if None.

    Returns:
        Columns eval_set, modality, task, metric, view, profile_id, value (mean over the person's questions,
        in the metric's unit), n (questions), questions (a sum of 64-bit hashes of which these are, so that
        scores of the same questions have the same).
    """
    return person_scores_of_values(question_values(records, metrics))


def person_scores_of_values(values: pd.DataFrame) -> pd.DataFrame:
    """As `person_scores`, where the metrics of the questions are computed already (`question_values`)."""
    if not len(values):
        return pd.DataFrame({name: [] for name in PERSON_COLUMNS})
    codes, keys = pd.factorize(values["record"])
    # The same on every machine; a sum that overflows begins again at zero.
    hashes = pd.util.hash_array(np.array([repr(key) for key in keys], dtype=object)).view(np.int64)
    grouped = values.assign(**{QUESTIONS: hashes[codes]}).groupby([*CELL, "profile_id"], sort=True)
    counted = grouped.agg(value=("value", "mean"), n=("value", "size"), **{QUESTIONS: (QUESTIONS, "sum")})
    return counted.reset_index()[list(PERSON_COLUMNS)]


@lru_cache(maxsize=4)
def _resamples(people: int, seed: int, draws: int) -> Floats:
    """[draws, people]: how often each person is in each resample; the same for all cells of a table."""
    generator = np.random.default_rng(seed)
    return generator.multinomial(people, np.full(people, 1 / people), size=draws).astype(np.float64)
