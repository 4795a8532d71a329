"""How long answers are."""

from __future__ import annotations

import pandas as pd

from mllmu.benchmark import Task
from mllmu.evaluation import Direction, Metric, Unit
from mllmu.evaluation.metrics.metric import Values

_LONGEST = 200


def _share(records: pd.DataFrame) -> Values:
    return records["response"].str.len().clip(upper=_LONGEST).to_numpy(dtype="float64") / _LONGEST


ANSWER_LENGTH = Metric(
    "answer_length",
    "Length of the answer",
    (Task.GENERATION,),
    Unit.FRACTION,
    _share,
    meaning="characters, as a share of 200",
    blind_spot="what they say",
    direction=Direction.LOWER,
)
