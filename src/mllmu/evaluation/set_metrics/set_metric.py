"""What a set metric is: a number of whole sets of answers that is no mean over questions.

A `Metric` values one question at a time, and its score is their mean. A `SetMetric` compares distributions,
two groups of people, or several models. Both are functions of stored records.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mllmu.benchmark.language.comparable_text import comparable
from mllmu.evaluation.questions.items import Key
from mllmu.evaluation.view import USUAL_VIEWS, shown_as_usual

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

OVER_ALL = "all"
"""What stands for the set, the modality or the task of a number over several of them."""


class ReferenceModel(str, Enum):
    """Another model of the same split and seed, asked the same."""

    RETRAINED = "retrained"
    VANILLA = "vanilla"


class Goal(Enum):
    """Which numbers are good."""

    HIGH = "higher is better"
    LOW = "lower is better"
    ZERO = "0 is best"
    ONE = "1 is best"
    RETRAINED = "as near as can be to the retrained model's"


class Interval(Enum):
    """How drawn numbers become an interval.

    Attributes:
        PERCENTILE: their central 95 %.
        DISTANCE: for two columns of the same questions: the same, reflected at the number itself, and never
            without it, since distances between samples come out too large, and those between resamples by as
            much again. It reaches down to the least number where models that do not differ would often be as
            far apart: where that is no rarer than 5 % when each person's two columns are exchanged at random.
        PROPORTION: that of `clustered_proportion`, for the mean of a single column of 0 and 100.
        NONE: there is none, as for a p-value, which already says what chance does, or where resampling people
            cannot tell.
    """

    PERCENTILE = "percentile"
    DISTANCE = "distance"
    PROPORTION = "proportion"
    NONE = "none"


@dataclass(frozen=True)
class Asked:
    """What one model answered.

    Attributes:
        records: one row per question, see `records.SCHEMA`.
        values: what the per-question metrics make of them, see `question_values`.
    """

    records: pd.DataFrame
    values: pd.DataFrame

    @cached_property
    def keys(self) -> pd.Series[Any]:
        """What tells each record from all others (see `record_keys`), by the index of the records."""
        import pandas as pd  # a second, which lists of metrics do not have

        from mllmu.evaluation.records import record_keys

        return pd.Series(record_keys(self.records), self.records.index, dtype=object)

    @cached_property
    def is_usual(self) -> pd.Series[bool]:
        """Whether each record's view is one that its set has by itself, by the index of the records."""
        return shown_as_usual(self.records)

    @cached_property
    def fact_of(self) -> Mapping[Key, str]:
        """The fact that each record asks about, by the record's key.

        It is an attribute of the person; where the benchmark does not say which, it is the true value.
        """
        texts = (self.records[name] for name in ("attribute", "value", "answer"))
        return {
            key: attribute or comparable(value or answer)
            for key, attribute, value, answer in zip(self.keys, *texts, strict=True)
        }

    @cached_property
    def usual_values(self) -> pd.DataFrame:
        """The values under the views that sets have by themselves."""
        return self.values[self.values["view"].isin(USUAL_VIEWS)]

    def usual_values_of(self, metric: str) -> pd.DataFrame:
        """Those of one per-question metric; no rows where there are none."""
        return self._usual_by_metric.get(metric, self.values.iloc[:0])

    @cached_property
    def _usual_by_metric(self) -> Mapping[str, pd.DataFrame]:
        return {str(name): part for name, part in self.usual_values.groupby("metric", sort=False)}


@dataclass(frozen=True)
class Models:
    """The model that is scored, and those it is read against.

    Attributes:
        model: the model itself.
        retrained: the one that never learned the people to forget.
        vanilla: the one before unlearning.
        reasons: why there is no such reference, where it is not just that none was given.
    """

    model: Asked
    retrained: Asked | None = None
    vanilla: Asked | None = None
    reasons: Mapping[ReferenceModel, str] = field(default_factory=dict)

    def of(self, reference: ReferenceModel) -> Asked | None:
        """The reference of that kind."""
        return self.retrained if reference is ReferenceModel.RETRAINED else self.vanilla

    def lacks(self, reference: ReferenceModel) -> str:
        """Why there is no reference of that kind; empty where there is one."""
        if self.of(reference) is not None:
            return ""
        return self.reasons.get(reference, f"there are no records of the {reference.value} model")


@dataclass(frozen=True)
class SetSample:
    """What one number is computed from.

    Attributes:
        eval_set: the set the number is about.
        modality: of the questions; ``all`` where both take part.
        task: of the questions; ``all`` where several take part.
        columns: what the metric's statistic takes, each [n], nothing missing.
        people: whom each row is about [n].
        groups: people of one group are resampled among themselves [n]; all are one group where it is empty.
        of: what of several quantities the number is of: a per-question metric, an attack.
        missing: why there is no number; empty where there is one.
        n: how many records it is computed from, where a record has several rows or none; else that of rows.
    """

    eval_set: str
    modality: str
    task: str
    columns: tuple[Floats, ...] = ()
    people: Sequence[str] = ()
    groups: Sequence[str] = ()
    of: str = ""
    missing: str = ""
    n: int | None = None


def to_everything(models: Models) -> bool:
    """A metric applies whatever was asked."""
    return True


@dataclass(frozen=True)
class SetMetric:
    """One set metric: a file in ``mllmu/evaluation/set_metrics``, or an entry point ``mllmu.set_metrics``.

    In ``results.parquet`` the metric is called by its name, followed by what it is of in brackets where there
    are several: ``normalised(rougeL_f)``.

    Attributes:
        name: letters, digits and ``_``.
        title: for people.
        samples: the models -> what each of the metric's numbers is computed from.
        statistic: the columns of a sample -> the number; NaN where it is not defined.
        goal: which numbers are good.
        meaning: what the numbers are, for a caption.
        blind_spot: what it cannot tell.
        needs: the references without which there is no number.
        bounds: the least and the greatest number there can be.
        interval: how it gets its interval from resampling people.
        decimals: digits shown after the point.
        applies: whether results say anything of the metric at all, if only why there is no number.
        is_p_value: whether numbers are p-values, of whose seeds the least counts, times their number
            (Bonferroni): a mean would hide one seed behind another.

    Example:
        The largest loss of any one answer::

            def samples(models):
                records = models.model.records
                worst = -records["answer_log_probs"].map(sum).to_numpy()
                yield SetSample("all", "all", "all", (worst,), list(records["profile_id"]))

            WORST = SetMetric("worst_loss", "Worst loss", samples, lambda worst: worst.max(), Goal.LOW)
    """

    name: str
    title: str
    samples: Callable[[Models], Iterable[SetSample]]
    statistic: Callable[..., float]
    goal: Goal
    meaning: str = ""
    blind_spot: str = ""
    needs: tuple[ReferenceModel, ...] = ()
    bounds: tuple[float, float] = (-math.inf, math.inf)
    interval: Interval = Interval.PERCENTILE
    decimals: int = 3
    applies: Callable[[Models], bool] = to_everything
    is_p_value: bool = False

    def called(self, of: str) -> str:
        """What results call the metric of something: ``normalised(rougeL_f)``."""
        return f"{self.name}({of})" if of else self.name


def split_name(metric: str) -> tuple[str, str]:
    """The name of a set metric in results, and what it is of.

    ``split_name("normalised(rougeL_f)") == ("normalised", "rougeL_f")``.
    """
    name, _, of = metric.partition("(")
    return name, of.removesuffix(")")
