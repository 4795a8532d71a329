"""Statistics of samples in which rows may count several times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mllmu.evaluation.set_metrics.set_metric import Floats


@dataclass(frozen=True)
class OfCounts:
    """A statistic of rows that count so many times each, of which all resamples are computed at once.

    Attributes:
        of: how often each row counts in each resample [resamples, n], then the columns, each [n] -> the
            numbers [resamples].
    """

    of: Callable[..., Floats]

    def __call__(self, *columns: Floats) -> float:
        """The number of the columns themselves, each [n]."""
        return float(self.of(np.ones((1, len(columns[0]))), *columns)[0])
