"""What a metric is: a pure function of records, with everything that a reader has to be told about it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mllmu.benchmark.types import Task

if TYPE_CHECKING:
    import pandas as pd

Values = npt.NDArray[np.float64]

CLASSIFICATION, CLOZE, GENERATION = (Task.CLASSIFICATION,), (Task.CLOZE,), (Task.GENERATION,)
WRITTEN = (Task.GENERATION, Task.CLOZE)


class Unit(str, Enum):
    """How a value is written."""

    PER_CENT = "per cent"
    FRACTION = "0 to 1"
    SCORE = "1 to 10"
    NATS = "nats, at most 0"

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest value of one question."""
        return {
            Unit.PER_CENT: (0.0, 100.0),
            Unit.FRACTION: (0.0, 1.0),
            Unit.SCORE: (1.0, 10.0),
            Unit.NATS: (-math.inf, 0.0),
        }[self]


class Direction(Enum):
    """Which values are good.

    Attributes:
        KNOWLEDGE: more means that more is known: low is good on people to forget, high on all others.
        HIGHER: high values are good on every set.
        LOWER: low values are good on every set.
    """

    KNOWLEDGE = "higher means more is known"
    HIGHER = "higher is better on every set"
    LOWER = "lower is better on every set"


@dataclass(frozen=True)
class Metric:
    """One metric: a file in ``mllmu/evaluation/metrics``, or an entry point ``mllmu.metrics``.

    Attributes:
        name: as in ``results.parquet``.
        title: for people.
        tasks: the forms of question it applies to.
        unit: per-question values are 0 or 100 in per cent (or between, where equally likely options share
            it), lie in 0..1 or 1..10, or are log-probabilities.
        compute: records of those tasks -> values [n] in the records' order, NaN where a record does not hold
            what the metric needs. A response or chosen letter that is missing is None or NaN there.
        heading: what a narrow column of a table calls it; the title where it is empty.
        meaning: what the numbers are, for a caption.
        blind_spot: what it cannot tell.
        direction: which values are good.

    The number that stands in results is the mean of the values; for one that is no mean over questions, or
    compares models, see `SetMetric`.

    Example:
        How long answers are, as a share of a limit::

            def length(records):
                return records["response"].str.len().clip(upper=200).to_numpy() / 200

            LENGTH = Metric("length", "Length", GENERATION, Unit.FRACTION, length,
                            meaning="length of the answer, as a share of 200 characters",
                            blind_spot="what the answer says", direction=Direction.LOWER)
    """

    name: str
    title: str
    tasks: tuple[Task, ...]
    unit: Unit
    compute: Callable[[pd.DataFrame], Values]
    heading: str = ""
    meaning: str = ""
    blind_spot: str = ""
    direction: Direction = Direction.KNOWLEDGE

    @property
    def is_proportion(self) -> bool:
        """Whether the score is how many questions in a hundred have something: values are 0 or 100."""
        return self.unit is Unit.PER_CENT
