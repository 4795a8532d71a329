"""The table of recoverability, looked up model by model with seeds averaged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from mllmu.evaluation.recoverability.probes import PROBES, Probe
from mllmu.evaluation.recoverability.recovery_table import (
    FAILED,
    PROBE,
    RETRAINED_RIGHT,
    RIGHT,
    VANILLA_RIGHT,
    Recovery,
    recovery,
)
from mllmu.evaluation.scoring.bootstrap import Estimate
from mllmu.report.numbers.result_columns import KEYS, Condition, models_in, named, tidied
from mllmu.report.numbers.score_means import Score, mean_over_seeds, numbers_of_estimates
from mllmu.unlearning.lineage import Lineage

COLUMNS = (
    *(*KEYS, "seed", "question_id", "profile_id", "modality", PROBE),
    *(RIGHT, FAILED, RETRAINED_RIGHT, VANILLA_RIGHT, "fingerprint"),
)


@dataclass(frozen=True)
class MeanRecovery:
    """What `Recovery` holds, each averaged over seeds; None where no question was failed.

    Attributes:
        failed: see `Recovery`, likewise all others.
    """

    failed: Score | None
    by_probe: Mapping[Probe, Score | None]
    mean: Score | None
    any: Score | None
    retrained: Score | None
    vanilla: Score | None
    retrained_any: Score | None
    vanilla_any: Score | None


class Recoveries:
    """The recoverability of every model that was measured.

    Args:
        frame: that of ``recoverability.parquet``; None where there is none.
    """

    def __init__(self, frame: pd.DataFrame | None = None) -> None:
        self._cells: Mapping[tuple[Lineage, Condition, str], MeanRecovery] = {}
        if frame is not None:
            keys = [*KEYS, "modality"]
            groups = tidied(frame.assign(view="")).groupby(keys, sort=False, dropna=False)
            self._cells = {named(key): _cell(rows) for key, rows in groups}

    def lineages(self, condition: Condition, unlearn_modality: str) -> list[Lineage]:
        """Return the models unlearned on a modality, in the order of the frame."""
        return models_in(self._cells, condition, unlearn_modality)

    def find(self, lineage: Lineage, condition: Condition, modality: str) -> MeanRecovery | None:
        """Return what was measured of a model in one modality; None where nothing was."""
        return self._cells.get((lineage, condition, modality))


def _cell(rows: pd.DataFrame) -> MeanRecovery:
    of_seeds = [recovery(part) for _, part in rows.groupby("seed")]

    def mean(estimate: Callable[[Recovery], Estimate]) -> Score | None:
        score = mean_over_seeds(numbers_of_estimates([estimate(one) for one in of_seeds]), 0.0, 100.0)
        return score if score.n else None

    def of_probe(probe: Probe) -> Score | None:
        return mean(lambda one: one.by_probe[probe])

    return MeanRecovery(
        mean(lambda one: one.failed),
        {probe: of_probe(probe) for probe in PROBES},
        mean(lambda one: one.mean),
        mean(lambda one: one.any),
        mean(lambda one: one.retrained),
        mean(lambda one: one.vanilla),
        mean(lambda one: one.retrained_any),
        mean(lambda one: one.vanilla_any),
    )
