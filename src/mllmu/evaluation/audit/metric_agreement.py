"""Whether metrics put methods in the same order: Kendall's tau of every two of them, with intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd

from mllmu.evaluation.audit.readings import Reading, knowledge_by_metric
from mllmu.evaluation.scoring.bootstrap import LEVEL, unseen_share
from mllmu.progress import Progress

Floats = npt.NDArray[np.float64]
DRAWS = 200
_LEAST_DRAWS = 0.9


def agreement(
    models: Mapping[str, Sequence[Reading]],
    groups: Mapping[str, str],
    people: Sequence[str],
    seed: int,
    draws: int = DRAWS,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Kendall's tau-b of how two metrics order unlearned models, for every two metrics.

    Only models of one group, which forget the same people from the same vanilla model, are put in order. The
    95 % interval comes from resampling the people to forget, the same ones for every metric and model.

    Args:
        models: what metrics read off each model.
        groups: model -> its group.
        people: those to forget; others, whom some metrics compare them with, are always counted once.
        seed: of the resamples.
        draws: how many there are.
        progress: called with the resamples done and those there are.

    Returns:
        Columns metric, other_metric, tau in -1..1, ci_low, ci_high and n_models; tau is NaN where a metric
        gives all models the same. Models for which one of the two has no number take no part, and are not
        counted in ``n_models``.
    """
    keys = list(dict.fromkeys(one.metric for own in models.values() for one in own))
    pairs = [(a, b) for a, b in combinations(models, 2) if groups[a] == groups[b]]
    signs = _signs(models, keys, pairs, None)
    tau = _tau(signs)
    drawn = []
    generator = np.random.default_rng(seed % 2**64)  # which takes none below 0
    for number in range(draws):
        counts = np.bincount(generator.integers(len(people), size=len(people)), minlength=len(people))
        counted = dict(zip(people, counts.tolist(), strict=True))
        drawn.append(_tau(_signs(models, keys, pairs, counted)))
        if progress is not None:
            progress(number + 1, draws)
    low, high = _ends(np.stack(drawn), tau, len(people))
    return pd.DataFrame(_rows(keys, tau, low, high, _n_models(signs, list(models), pairs)))


def _signs(
    models: Mapping[str, Sequence[Reading]],
    keys: Sequence[str],
    pairs: Sequence[tuple[str, str]],
    counted: Mapping[str, int] | None,
) -> Floats:
    """Which model of a pair knows more by which metric: 1 the first, -1 the second, 0 neither [k, pairs].

    NaN where the metric has no number for one of them.
    """
    read = {model: knowledge_by_metric(own, counted) for model, own in models.items()}
    nothing = float("nan")
    differences = [[read[a].get(key, nothing) - read[b].get(key, nothing) for a, b in pairs] for key in keys]
    return np.sign(np.asarray(differences, dtype=np.float64).reshape(len(keys), len(pairs)))


def _tau(signs: Floats) -> Floats:
    """tau-b: concordant minus discordant pairs, over the geometric mean of the pairs each metric orders.

    Of two metrics, the pairs of models count for which both have numbers.
    """
    is_defined = np.isfinite(signs).astype(np.float64)
    signs = np.nan_to_num(signs)
    ordered = np.abs(signs) @ is_defined.T
    with np.errstate(invalid="ignore"):
        return np.asarray(signs @ signs.T / np.sqrt(ordered * ordered.T))


def _n_models(signs: Floats, models: Sequence[str], pairs: Sequence[tuple[str, str]]) -> Floats:
    """How many models stand in a pair for which both of two metrics have numbers [k, k]."""
    is_defined = np.isfinite(signs)
    takes_part = np.array([[name in pair for name in models] for pair in pairs], dtype=np.float64)
    takes_part = takes_part.reshape(len(pairs), len(models))
    counts = [((one & is_defined) @ takes_part > 0).sum(axis=1) for one in is_defined]
    return np.asarray(counts)


def _ends(drawn: Floats, tau: Floats, people: int) -> tuple[Floats, Floats]:
    """The ends of the intervals [k, k] from the drawn numbers [draws, k, k].

    Where every resample gives the same number, they reach as far towards -1 and 1 as people who were not
    asked might take it.
    """
    edge = 100 * (1 - LEVEL) / 2
    # A resample in which all models are equal by one of the metrics says nothing about their order.
    is_defined = (np.isfinite(drawn).mean(axis=0) >= _LEAST_DRAWS) & (people > 1)
    low, high = np.nanpercentile(np.where(is_defined, drawn, 0.0), [edge, 100 - edge], axis=0)
    share = unseen_share(people)
    is_still = low == high
    low, high = (
        np.where(is_still, tau - share * (tau + 1), low),
        np.where(is_still, tau + share * (1 - tau), high),
    )
    return np.where(is_defined, low, np.nan), np.where(is_defined, high, np.nan)


def _rows(
    keys: Sequence[str], tau: Floats, low: Floats, high: Floats, models: Floats
) -> Iterator[dict[str, object]]:
    for (i, metric), (j, other) in combinations(enumerate(keys), 2):
        yield {
            "metric": metric,
            "other_metric": other,
            "tau": float(tau[i, j]),
            "ci_low": float(low[i, j]),
            "ci_high": float(high[i, j]),
            "n_models": int(models[i, j]),
        }
