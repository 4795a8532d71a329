"""Statistics of which all resamples are computed at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mllmu.evaluation.set_metrics.set_metric import Floats


@dataclass(frozen=True)
class OfMeans:
    """A statistic that reads nothing of its columns but the means.

    Attributes:
        of: the means of the columns, each of one shape -> the numbers, of the same shape.
    """

    of: Callable[..., Floats]

    def __call__(self, *columns: Floats) -> float:
        """The number of the columns themselves, each [n]."""
        return float(self.of(*(np.asarray(column.mean()) for column in columns)))


@dataclass(frozen=True)
class OfCounts:
    """A statistic of rows that may count several times each.

    Attributes:
        of: how often each row counts in each resample [resamples, n], then the columns, each [n] -> the
            numbers [resamples].
    """

    of: Callable[..., Floats]

    def __call__(self, *columns: Floats) -> float:
        """The number of the columns themselves, each [n]."""
        return float(self.of(np.ones((1, len(columns[0]))), *columns)[0])
