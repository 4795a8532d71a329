"""The results table with seeds averaged, and the look-up of single scores."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
import pandas as pd

from mllmu.errors import UserError
from mllmu.evaluation import ALL, MEAN_ACCURACY, METRICS, Unit, is_set_metric
from mllmu.report.names import REFERENCE_TITLES, ShownMetric, accuracies, method_order, unlearn_order
from mllmu.report.numbers.comparisons import Comparisons, Measured
from mllmu.report.numbers.depths import Depths
from mllmu.report.numbers.recoveries import Recoveries
from mllmu.report.numbers.result_columns import KEYS, QUANTITY, Condition, named, require_columns, tidied
from mllmu.report.numbers.score_means import (
    PEOPLE,
    Score,
    grouped_rows,
    mean_of_unknown_interval,
    mean_over_seeds,
    mean_over_sets,
    numbers_of,
    numbers_of_estimates,
    seeds_of_models,
)
from mllmu.report.numbers.set_score_lookup import SetScores
from mllmu.report.numbers.trajectories import Trajectories
from mllmu.unlearning.lineage import UNLEARNED, Lineage

COLUMNS = (*KEYS, "seed", "benchmark", *QUANTITY, "value", "ci_low", "ci_high", "n")


class Scores:
    """All scores of a run, looked up by who was asked what.

    Args:
        results: the tidy frame of ``results.parquet``.
        person_scores: the frame of ``person_scores.parquet``, which comparisons of models need; may be None.
        trajectories: the frame of ``trajectory.parquet``; may be None.
        depth: the frame of ``depth.parquet``; may be None.
        recoverability: the frame of ``recoverability.parquet``; may be None.

    Raises:
        UserError: where a column is missing or there is no row.
    """

    def __init__(
        self,
        results: pd.DataFrame,
        person_scores: pd.DataFrame | None = None,
        trajectories: pd.DataFrame | None = None,
        depth: pd.DataFrame | None = None,
        recoverability: pd.DataFrame | None = None,
    ) -> None:
        require_columns(results, COLUMNS, "The results")
        if results.empty:
            raise UserError("The results have no rows; expected at least one score to report.")
        if results["benchmark"].nunique() > 1:
            raise UserError("The results are of different benchmarks; expected the same people in one table.")
        everything = tidied(results.loc[:, list(COLUMNS)].assign(**{PEOPLE: results.get(PEOPLE, 0)}))
        everything = everything.assign(missing=results["missing"].fillna("") if "missing" in results else "")
        is_set = everything["metric"].map(is_set_metric)
        self.sets = SetScores(everything[is_set])
        frame = everything[~is_set]
        self.frame = frame
        self.comparisons = Comparisons(person_scores)
        self.trajectories = Trajectories(trajectories)
        self.depths = Depths(depth)
        self.recoveries = Recoveries(recoverability)
        self.seeds = tuple(sorted({int(seed) for seed in frame["seed"].dropna()}))
        is_mean = frame["metric"] == MEAN_ACCURACY
        self._scores = _look_up(frame[~is_mean])
        self._means = _look_up(frame[is_mean])

    @cached_property
    def _keys(self) -> Mapping[Condition, Sequence[tuple]]:
        """The keys of scores under each condition; cells are looked up by the thousand."""
        keys: dict[Condition, list[tuple]] = {}
        for key in self._scores:
            keys.setdefault(key[1], []).append(key)
        return keys

    @cached_property
    def _modalities(self) -> Mapping[Condition, tuple[str, ...]]:
        return {condition: tuple(sorted({key[3] for key in keys})) for condition, keys in self._keys.items()}

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """Every forget ratio and protocol there is, in order."""
        conditions = {key[1] for key in self._scores}
        return tuple(sorted(conditions, key=lambda each: (each.protocol, each.forget_ratio)))

    @cached_property
    def names_facts(self) -> bool:
        """Whether some facts alone are to be forgotten, and others of the same people were asked apart."""
        return bool((self.frame["eval_set"] == "same_person").any())

    def seeds_of(self, condition: Condition) -> tuple[int, ...]:
        """Return the seeds with which models were made for a forget ratio, and asked by a protocol."""
        of_ratio = self.frame["forget_ratio"] == condition.forget_ratio
        rows = self.frame[of_ratio & (self.frame["protocol"] == condition.protocol)]
        return tuple(sorted({int(seed) for seed in rows["seed"].dropna()}))

    def references(self, condition: Condition) -> tuple[Lineage, ...]:
        """Return the models without a method, in the order of their rows."""
        order = list(REFERENCE_TITLES)
        lineages = [each for each in self._lineages(condition) if each.model in order]
        return tuple(sorted(lineages, key=lambda each: order.index(each.model)))

    def methods(self, condition: Condition, unlearn_modality: str) -> tuple[Lineage, ...]:
        """Return the unlearned models of one modality; methods without a modality belong to each."""
        lineages = [
            each
            for each in self._lineages(condition)
            if each.model == UNLEARNED and each.unlearn_modality in (unlearn_modality, "")
        ]
        return tuple(sorted(lineages, key=lambda each: (method_order(each.method), each.unlearn_modality)))

    def unlearned(self, condition: Condition) -> tuple[Lineage, ...]:
        """Return every unlearned model, by what it was unlearned on and then by method."""
        unlearned = [each for each in self._lineages(condition) if each.model == UNLEARNED]
        return tuple(
            sorted(
                unlearned, key=lambda each: (unlearn_order(each.unlearn_modality), method_order(each.method))
            )
        )

    def unlearn_modalities(self, condition: Condition) -> tuple[str, ...]:
        """Return what was unlearned on, in order; one empty name where no model was unlearned on any."""
        ways = {each.unlearn_modality for each in self._lineages(condition) if each.model == UNLEARNED}
        return tuple(sorted(ways - {""}, key=unlearn_order)) or ("",)

    def further(self, condition: Condition) -> tuple[Lineage, ...]:
        """Return the models to which something was done after unlearning, or after retraining."""
        ordered = dict.fromkeys(key[0] for key in self._keys.get(condition, ()))
        return tuple(sorted((each for each in ordered if each.further_steps), key=_row_order))

    def views(self, condition: Condition) -> tuple[str, ...]:
        """Return the further views that people were shown under."""
        return tuple(sorted({key[6] for key in self._keys.get(condition, ())} - {""}))

    def metrics(self, condition: Condition) -> tuple[tuple[str, str], ...]:
        """Return the task and the name of every metric that was measured, in the order of the frame."""
        return tuple(dict.fromkeys((key[4], key[5]) for key in self._keys.get(condition, ())))

    def modalities(self, condition: Condition) -> tuple[str, ...]:
        """Return the modalities questions were asked in."""
        return self._modalities.get(condition, ())

    def find(
        self,
        lineage: Lineage,
        condition: Condition,
        eval_set: str,
        modality: str,
        metric: ShownMetric,
        view: str = "",
    ) -> Score | None:
        """Return one score, or None where it was not measured or is not a number.

        Args:
            lineage: whose.
            condition: under which ratio and protocol.
            eval_set: on which set.
            modality: of the questions.
            metric: of which metric and task.
            view: a further view; empty for how the set shows its people by itself.
        """
        score = self._scores.get((lineage, condition, eval_set, modality, metric.task, metric.key, view))
        return score if score is not None and math.isfinite(score.value) else None

    def mean(
        self,
        lineage: Lineage,
        condition: Condition,
        eval_sets: Sequence[str],
        modalities: Sequence[str],
        metrics: Sequence[ShownMetric],
    ) -> Score | None:
        """Return the mean in points of 100, over whatever was asked; None where a part of that has no number.

        Tasks and modalities ask the same people, so that the interval of their mean cannot be told from
        theirs: it is the one that was scored where the metrics are the protocol's accuracies, and unknown
        otherwise. Sets hold different people, whose errors are independent: distances to either end add in
        quadrature (Zou & Donner 2008).
        """
        per_set = []
        for eval_set in eval_sets:
            measured = [
                score.scaled(metric.scale)
                for modality in modalities
                for metric in metrics
                if (score := self.find(lineage, condition, eval_set, modality, metric)) is not None
            ]
            if len(measured) == 1:
                per_set += measured
            elif measured:
                scored = self._mean_accuracy(lineage, condition, eval_set, modalities, metrics)
                if scored is not None and not math.isfinite(scored.value):
                    return None  # a part was asked and has no accuracy: what is there is another mean
                per_set.append(scored or mean_of_unknown_interval(measured))
        return mean_over_sets(per_set) if per_set else None

    def mean_of_cells(
        self, lineage: Lineage, condition: Condition, cells: Sequence[Measured]
    ) -> Score | None:
        """Return the mean of some accuracies on one set in points of 100, over whatever was measured.

        Its interval is that of the mean, from the scores of people; unknown where there are none.
        """
        measured = [
            score.scaled(cell.metric.scale)
            for cell in cells
            if (score := self.find(lineage, condition, cell.eval_set, cell.modality, cell.metric)) is not None
        ]
        if len(measured) < 2:
            return measured[0] if measured else None
        estimates = self.comparisons.mean(condition, lineage, cells)
        if not estimates:
            return mean_of_unknown_interval(measured)
        return mean_over_seeds(numbers_of_estimates(estimates), *Unit.PER_CENT.bounds)

    def _mean_accuracy(
        self,
        lineage: Lineage,
        condition: Condition,
        eval_set: str,
        modalities: Sequence[str],
        metrics: Sequence[ShownMetric],
    ) -> Score | None:
        """The mean over tasks and modalities as it was scored, or None where it is not what is asked for."""
        averaged = {(each.task, each.key) for each in accuracies(condition.protocol)}
        if {(each.task, each.key) for each in metrics} != averaged:
            return None
        modality = ALL if set(modalities) == set(self.modalities(condition)) else modalities[0]
        if modality != ALL and len(modalities) > 1:
            return None
        return self._means.get((lineage, condition, eval_set, modality, ALL, MEAN_ACCURACY, ""))

    def _lineages(self, condition: Condition) -> Iterator[Lineage]:
        """The models of the tables' rows; what was done to these later stands in tables of its own."""
        lineages = dict.fromkeys(key[0] for key in self._keys.get(condition, ()))
        yield from (
            each for each in lineages if not each.further_steps or each.without_further_steps not in lineages
        )


def _row_order(lineage: Lineage) -> tuple[object, ...]:
    method = method_order(lineage.method) if lineage.method else (-1, "")
    return unlearn_order(lineage.unlearn_modality), method, lineage.further_steps


def _look_up(frame: pd.DataFrame) -> dict[tuple, Score]:
    """Scores by lineage, condition and quantity, averaged over seeds; no number where a seed has none."""
    numbers, metric = numbers_of(frame), QUANTITY.index("metric")
    seeds = seeds_of_models(frame)
    scores = {}
    for key, rows in grouped_rows(frame, [*KEYS, *QUANTITY]):
        is_chosen = np.isfinite(numbers[rows, 0]).sum() < seeds[named(key)[:2]]
        there = numbers[[] if is_chosen else rows]  # a mean of the others would be of chosen ones
        scores[named(key)] = mean_over_seeds(there, *_bounds(str(key[len(KEYS) + metric])))
    return scores


def _bounds(metric: str) -> tuple[float, float]:
    """The least and the greatest value of a metric; of one that is not installed here nothing is known."""
    if metric == MEAN_ACCURACY:
        return Unit.PER_CENT.bounds
    return METRICS.get(metric).unit.bounds if metric in METRICS.names() else (-math.inf, math.inf)
