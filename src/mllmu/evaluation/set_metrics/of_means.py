"""Statistics that read nothing of their columns but the means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mllmu.evaluation.set_metrics.set_metric import Floats


@dataclass(frozen=True)
class OfMeans:
    """A statistic of columns' means, of which all resamples are computed at once.

    Attributes:
        of: the means of the columns, each of one shape -> the numbers, of the same shape.
    """

    of: Callable[..., Floats]

    def __call__(self, *columns: Floats) -> float:
        """The number of the columns themselves, each [n]."""
        return float(self.of(*(np.asarray(column.mean()) for column in columns)))
