"""The results frame, checked, with seeds averaged and single scores at hand."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd
from scipy import stats

from mllmu.errors import UserError
from mllmu.report.names import (
    REFERENCE_TITLES,
    UNLEARNED,
    Metric,
    method_order,
    method_title,
    unlearn_order,
    unlearn_title,
)

KEYS = ("model", "method", "unlearn_modality", "forget_ratio", "protocol")
QUANTITY = ("eval_set", "modality", "task", "metric")
COLUMNS = (*KEYS, "seed", *QUANTITY, "value", "ci_low", "ci_high", "n")


@dataclass(frozen=True)
class Score:
    """One number with its 95 % interval, in the unit of the results frame.

    Attributes:
        value: the score, averaged over seeds.
        low: lower end of the interval; nan where the frame has none.
        high: upper end of the interval; nan where the frame has none.
        n: questions behind the score (per seed).
    """

    value: float
    low: float
    high: float
    n: int

    @property
    def half_width(self) -> float:
        """Half the length of the interval."""
        return (self.high - self.low) / 2

    def scaled(self, factor: float) -> Score:
        """Return the same score in another unit."""
        return Score(self.value * factor, self.low * factor, self.high * factor, self.n)


@dataclass(frozen=True)
class Subject:
    """One model that was evaluated: a reference, or a method on one modality."""

    model: str
    method: str = ""
    unlearn_modality: str = ""

    @property
    def title(self) -> str:
        """How a row of a table calls it."""
        if self.model == UNLEARNED:
            return method_title(self.method)
        return REFERENCE_TITLES.get(self.model, self.model)

    @property
    def full_title(self) -> str:
        """Its title with what it was unlearned on."""
        on = unlearn_title(self.unlearn_modality).lower()
        return f"{self.title} on {on}" if on else self.title


@dataclass(frozen=True)
class Condition:
    """What scores must share to be compared: one forget ratio under one protocol."""

    forget_ratio: int
    protocol: str


class Scores:
    """All scores of a run, looked up by who was asked what.

    Args:
        results: the tidy frame of ``results.parquet``.

    Raises:
        UserError: where a column is missing or there is no row.
    """

    def __init__(self, results: pd.DataFrame) -> None:
        missing = [name for name in COLUMNS if name not in results.columns]
        if missing:
            raise UserError(f"The results lack the column {missing[0]!r}; expected {', '.join(COLUMNS)}.")
        if results.empty:
            raise UserError("The results have no rows; expected at least one score to report.")
        frame = results.loc[:, list(COLUMNS)].copy()
        for name in ("method", "unlearn_modality", "protocol"):
            frame[name] = frame[name].fillna("").astype(str)
        self.frame = frame
        self.seeds = tuple(sorted({int(seed) for seed in frame["seed"].dropna()}))
        self._scores: dict[tuple, Score] = {
            (Subject(*key[:3]), Condition(int(key[3]), key[4]), *key[5:]): _average(group)
            for key, group in frame.groupby([*KEYS, *QUANTITY], sort=False, dropna=False)
        }

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """Every forget ratio and protocol there is, in order."""
        found = {key[1] for key in self._scores}
        return tuple(sorted(found, key=lambda each: (each.protocol, each.forget_ratio)))

    def references(self, condition: Condition) -> tuple[Subject, ...]:
        """Return the models without a method, in the order of their rows."""
        order = list(REFERENCE_TITLES)
        found = [each for each in self._subjects(condition) if each.model in order]
        return tuple(sorted(found, key=lambda each: order.index(each.model)))

    def methods(self, condition: Condition, unlearn_modality: str) -> tuple[Subject, ...]:
        """Return the unlearned models of one modality; methods without a modality belong to each."""
        found = [
            each
            for each in self._subjects(condition)
            if each.model == UNLEARNED and each.unlearn_modality in (unlearn_modality, "")
        ]
        return tuple(sorted(found, key=lambda each: (method_order(each.method), each.unlearn_modality)))

    def unlearned(self, condition: Condition) -> tuple[Subject, ...]:
        """Return every unlearned model, by what it was unlearned on and then by method."""
        found = [each for each in self._subjects(condition) if each.model == UNLEARNED]
        return tuple(
            sorted(found, key=lambda each: (unlearn_order(each.unlearn_modality), method_order(each.method)))
        )

    def unlearn_modalities(self, condition: Condition) -> tuple[str, ...]:
        """Return what was unlearned on, in order; one empty name where no model was unlearned on any."""
        found = {each.unlearn_modality for each in self._subjects(condition) if each.model == UNLEARNED}
        return tuple(sorted(found - {""}, key=unlearn_order)) or ("",)

    def modalities(self, condition: Condition) -> tuple[str, ...]:
        """Return the modalities questions were asked in."""
        found = {key[3] for key in self._scores if key[1] == condition}
        return tuple(sorted(found))

    def find(
        self, subject: Subject, condition: Condition, eval_set: str, modality: str, metric: Metric
    ) -> Score | None:
        """Return one score, or None where it was not measured or is not a number."""
        score = self._scores.get((subject, condition, eval_set, modality, metric.task, metric.key))
        return score if score is not None and math.isfinite(score.value) else None

    def mean(
        self,
        subject: Subject,
        condition: Condition,
        eval_sets: Sequence[str],
        modalities: Sequence[str],
        metrics: Sequence[Metric],
    ) -> Score | None:
        """Return the mean in points of 100, over whatever of the asked was measured.

        Sets hold different people, so their errors add in quadrature; modalities and tasks ask the same
        people, so their half-widths are averaged, which errs on the wide side.
        """
        per_set = []
        for eval_set in eval_sets:
            found = [
                score.scaled(metric.scale)
                for modality in modalities
                for metric in metrics
                if (score := self.find(subject, condition, eval_set, modality, metric)) is not None
            ]
            if found:
                per_set.append(_mean(found, sum(each.half_width for each in found) / len(found)))
        if not per_set:
            return None
        return _mean(per_set, math.sqrt(sum(each.half_width**2 for each in per_set)) / len(per_set))

    def _subjects(self, condition: Condition) -> Iterator[Subject]:
        yield from dict.fromkeys(key[0] for key in self._scores if key[1] == condition)


def _mean(scores: Sequence[Score], half_width: float) -> Score:
    value = sum(each.value for each in scores) / len(scores)
    return Score(value, value - half_width, value + half_width, sum(each.n for each in scores))


def _average(group: pd.DataFrame) -> Score:
    """Average one quantity over seeds: the mean interval, widened in quadrature by the seeds' spread."""
    rows = group[group["value"].notna()]
    if rows.empty:
        return Score(math.nan, math.nan, math.nan, 0)
    value, low, high = (float(rows[name].mean()) for name in ("value", "ci_low", "ci_high"))
    count = len(rows)
    if count > 1:
        spread = float(stats.t.ppf(0.975, count - 1)) * float(rows["value"].std(ddof=1)) / math.sqrt(count)
        low, high = value - math.hypot(value - low, spread), value + math.hypot(high - value, spread)
    return Score(value, low, high, int(rows["n"].fillna(0).max()))
