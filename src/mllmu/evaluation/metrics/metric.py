"""What a metric is: a name, the tasks it applies to, and a pure function of records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt
import pandas as pd

from mllmu.benchmark.types import Task

Values = npt.NDArray[np.float64]


class Unit(str, Enum):
    """How a value is written."""

    PER_CENT = "per cent"
    FRACTION = "0 to 1"
    SCORE = "1 to 10"


@dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes:
        name: as in ``results.parquet``.
        title: for people.
        tasks: the forms of question it applies to.
        unit: per-question values are 0 or 100 in per cent, or lie in 0..1 or 1..10.
        compute: records of those tasks -> values [n] in the records' order, NaN where a record does not hold
            what the metric needs.
    """

    name: str
    title: str
    tasks: tuple[Task, ...]
    unit: Unit
    compute: Callable[[pd.DataFrame], Values]
