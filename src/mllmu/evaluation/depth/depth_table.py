"""Drops and depth as tables, one row per question, kind of positions and decoder layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mllmu.benchmark.types import Modality
from mllmu.evaluation.depth.depth_score import Floats, knowing_layers, unlearning_depth
from mllmu.evaluation.scoring.bootstrap import Estimate, clustered_mean
from mllmu.training.data.samples import Sample

QUESTION = ["positions", "modality", "profile_id", "question"]
LAYER, DROP, RETRAINED_DROP, DEPTH = "layer", "drop", "retrained_drop", "depth"


@dataclass(frozen=True)
class DepthScore:
    """The UDS of one cell of a table.

    Attributes:
        estimate: mean over questions in 0..1, with its interval over people.
        left_out: questions without a score, because no layer holds what the retrained model lacks.
    """

    estimate: Estimate
    left_out: int


def drop_table(samples: Sequence[Sample], positions: str, drops: Floats) -> pd.DataFrame:
    """The drops [samples, layers] of one kind of positions, columns `QUESTION`, `LAYER` and `DROP`."""
    layers = drops.shape[1]
    modalities = [Modality.TEXT if one.image is None else Modality.IMAGE_TEXT for one in samples]
    rows = pd.DataFrame(
        {
            "positions": positions,
            "modality": [one.value for one in modalities],
            "profile_id": [one.profile_id for one in samples],
            "question": [one.question for one in samples],
        },
        index=range(len(samples)),
    )
    long = rows.loc[rows.index.repeat(layers)].reset_index(drop=True)
    long[LAYER], long[DROP] = np.tile(np.arange(layers), len(samples)), drops.ravel()
    return long


def depth_table(drops: pd.DataFrame, retrained: pd.DataFrame) -> pd.DataFrame:
    """A model's drops beside the retrained model's, and the UDS of the question in each of its rows.

    Args:
        drops: of the model, as from `drop_table`; several may be joined.
        retrained: of the retrained model, of the same questions in the same order.

    Raises:
        ValueError: they are not of the same questions and layers.
    """
    keys = [*QUESTION, LAYER]
    if not drops[keys].equals(retrained[keys]):
        raise ValueError("expected the drops of two models on the same questions and layers, in one order")
    layers = int(drops[LAYER].max()) + 1
    of_model, of_retrained = (one[DROP].to_numpy().reshape(-1, layers) for one in (drops, retrained))
    table = drops.copy()
    table[RETRAINED_DROP] = retrained[DROP]
    table[DEPTH] = unlearning_depth(of_model, of_retrained).repeat(layers)
    return table


def depth_score(table: pd.DataFrame, seed: int = 0) -> DepthScore:
    """The mean UDS over the questions of a table, with the interval from resampling people.

    Args:
        table: rows of `depth_table`, of one model, kind of positions and modality.
        seed: of the resampling.
    """
    # A question has as many rows as there are layers.
    questions = table[table[LAYER] == 0]
    layers = int(table[LAYER].max()) + 1
    holds = knowing_layers(table[RETRAINED_DROP].to_numpy().reshape(-1, layers)).any(axis=1)
    estimate = clustered_mean(questions[DEPTH], list(questions["profile_id"]), seed, bounds=(0.0, 1.0))
    return DepthScore(estimate, int((~holds).sum()))
