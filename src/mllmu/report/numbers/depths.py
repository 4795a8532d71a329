"""The table of depth, looked up model by model with seeds averaged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from mllmu.evaluation.depth.depth_table import DEPTH, LAYER, RETRAINED_DROP, depth_score
from mllmu.report.numbers.result_columns import KEYS, Condition, models_in, named, tidied
from mllmu.report.numbers.score_means import Score, mean_over_seeds, numbers_of_estimates
from mllmu.unlearning.lineage import Lineage

_CELL = ["modality", "positions"]
COLUMNS = (*KEYS, "seed", *_CELL, "profile_id", LAYER, RETRAINED_DROP, DEPTH, "fingerprint")


@dataclass(frozen=True)
class DepthCell:
    """A model's depth in one modality, patched at one kind of positions.

    Attributes:
        score: mean UDS with its interval; None where no question has one.
        left_out: questions in which no layer holds anything to erase, of the seed with most of them.
    """

    score: Score | None
    left_out: int


class Depths:
    """The depth of every model that was measured.

    Args:
        frame: that of ``depth.parquet``; None where there is none.
    """

    def __init__(self, frame: pd.DataFrame | None = None) -> None:
        self._cells: Mapping[tuple[Lineage, Condition, str, str], DepthCell] = {}
        if frame is not None:
            keys = [*KEYS, *_CELL]
            groups = tidied(frame.assign(view="")).groupby(keys, sort=False, dropna=False)
            self._cells = {named(key): _cell(rows) for key, rows in groups}

    def lineages(self, condition: Condition, unlearn_modality: str) -> list[Lineage]:
        """Return the models unlearned on a modality, in the order of the frame."""
        return models_in(self._cells, condition, unlearn_modality)

    def columns(self, condition: Condition) -> list[tuple[str, str]]:
        """Return every modality and kind of positions that was measured."""
        return list(dict.fromkeys(key[2:] for key in self._cells if key[1] == condition))

    def find(self, lineage: Lineage, condition: Condition, modality: str, positions: str) -> DepthCell:
        """Return one cell; an empty one where nothing was measured."""
        return self._cells.get((lineage, condition, modality, positions), DepthCell(None, 0))


def _cell(rows: pd.DataFrame) -> DepthCell:
    of_seeds = [depth_score(part) for _, part in rows.groupby("seed")]
    score = mean_over_seeds(numbers_of_estimates([one.estimate for one in of_seeds]), 0.0, 1.0)
    return DepthCell(score if score.n else None, max(one.left_out for one in of_seeds))
