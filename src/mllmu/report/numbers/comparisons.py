"""Differences between models on the same questions, from their scores person by person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from mllmu.evaluation import Difference, difference_of_people
from mllmu.evaluation.scoring.bootstrap import Estimate, Floats
from mllmu.evaluation.scoring.comparison import QUESTIONS
from mllmu.evaluation.scoring.proportion import clustered_proportion
from mllmu.evaluation.scoring.seed_spread import p_value_with_seeds, widened_by_seeds
from mllmu.report.names import ShownMetric
from mllmu.report.numbers.result_columns import KEYS, QUANTITY, Condition, named, require_columns, tidied
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, Lineage

COLUMNS = (*KEYS, "seed", "benchmark", *QUANTITY, "profile_id", "value", "n")


@dataclass(frozen=True)
class Measured:
    """One metric on one set in one modality; an empty view is the set's own."""

    eval_set: str
    modality: str
    metric: ShownMetric
    view: str = ""


@dataclass(frozen=True)
class Term:
    """One model's mean over some cells, and how often it counts in a sum; below zero it is taken away."""

    weight: float
    lineage: Lineage
    cells: tuple[Measured, ...]


class Comparisons:
    """Differences of a run's models, all in points of 100 and paired by person.

    People count of whom scores of the same questions are there in a cell; where the frame does not say which
    these are, as in folders of before, of equally many.

    With several seeds a model is compared with others of its seed; the interval is widened by the spread of
    seeds (Student's t), and p is of both together, as `p_value_with_seeds` has it.

    Attributes:
        seeds: of all models, in order.

    Args:
        person_scores: the frame of ``person_scores.parquet``; None where there is none.

    Raises:
        UserError: a column is missing.
    """

    def __init__(self, person_scores: pd.DataFrame | None) -> None:
        frame = pd.DataFrame({name: [] for name in COLUMNS}) if person_scores is None else person_scores
        require_columns(frame, COLUMNS, "The scores of people")
        questions = frame.get(QUESTIONS, pd.Series(0, frame.index))
        self._questions = questions.fillna(0).to_numpy(dtype=np.int64)
        frame = tidied(frame.loc[:, list(COLUMNS)])
        self._people = pd.factorize(frame["profile_id"])[0]
        self._counts = frame["n"].to_numpy(dtype=np.float64)
        self._totals = frame["value"].to_numpy(dtype=np.float64) * self._counts
        self._width = int(self._people.max()) + 1 if len(frame) else 0
        groups = frame.groupby([*KEYS, "seed", *QUANTITY], sort=False).indices
        self._rows = {named(key): np.asarray(rows) for key, rows in groups.items()}
        self.seeds = tuple(sorted({key[2] for key in self._rows}))
        self._done: dict[tuple[object, ...], Difference | None] = {}

    def has_retrained(self, condition: Condition) -> bool:
        """Whether models can be compared with the retrained one."""
        return any(key[:2] == (RETRAINED_LINEAGE, condition) for key in self._rows)

    def people(self, condition: Condition, eval_set: str) -> int:
        """How many people of a set the retrained model was asked about."""
        rows = [
            self._people[each]
            for key, each in self._rows.items()
            if key[:2] == (RETRAINED_LINEAGE, condition) and key[3] == eval_set
        ]
        return len(np.unique(np.concatenate(rows))) if rows else 0

    def cells(self, lineage: Lineage, condition: Condition, seed: int) -> list[tuple[str, ...]]:
        """Set, modality, task, metric and view of everything that was measured of a model."""
        return [key[3:] for key in self._rows if key[:3] == (lineage, condition, seed)]

    def models(self) -> list[tuple[Lineage, Condition, int]]:
        """Every model with its condition and seed."""
        return list(dict.fromkeys(key[:3] for key in self._rows))

    def difference(
        self, condition: Condition, first: Lineage, second: Lineage, cells: Iterable[Measured]
    ) -> Difference | None:
        """The first model's mean over cells minus the second's; None where nothing was measured of both."""
        chosen = tuple(cells)
        return self.combine(condition, (Term(1, first, chosen), Term(-1, second, chosen)))

    def differences_of_seeds(
        self, condition: Condition, first: Lineage, second: Lineage, cells: Iterable[Measured]
    ) -> list[Difference]:
        """The same difference in each seed that has one, with intervals and p-values over people alone."""
        chosen = tuple(cells)
        terms = (Term(1, first, chosen), Term(-1, second, chosen))
        each = (self.combine(condition, terms, [seed]) for seed in self.seeds)
        return [difference for difference in each if difference is not None]

    def combine(
        self, condition: Condition, terms: Sequence[Term], seeds: Sequence[int] | None = None
    ) -> Difference | None:
        """A weighted sum of models' means, e.g. a difference of two or a mean of such differences.

        People of whom two models were not asked the same questions do not count, nor do cells that were not
        measured of all models they are asked of.

        Args:
            condition: ratio and protocol.
            terms: what is summed.
            seeds: which to use; all by default.

        Returns:
            The sum in points of 100 with interval and p-value, or None where nothing is left of a term.
        """
        key = (condition, tuple(terms), seeds if seeds is None else tuple(seeds))
        if key not in self._done:
            self._done[key] = self._combine(condition, terms, self.seeds if seeds is None else seeds)
        return self._done[key]

    def parts_of_people(self, condition: Condition, terms: Sequence[Term]) -> Floats:
        """What each person adds to a sum (see `combine`), [people], over seeds on average; 0 without any."""
        per_seed = (self._of_seed(condition, terms, seed) for seed in self.seeds)
        gaps = [parts[0] for parts in per_seed if parts is not None]
        return np.mean(gaps, axis=0) if gaps else np.zeros(self._width)

    def mean(self, condition: Condition, lineage: Lineage, cells: Sequence[Measured]) -> list[Estimate]:
        """One model's mean over cells in per cent, with its interval over people; one for each seed.

        Every cell counts the same, as in a scored mean accuracy (see `clustered_proportion`).

        Args:
            condition: ratio and protocol.
            lineage: the model.
            cells: accuracies in per cent; those that were not measured do not count.
        """
        estimates = []
        for seed in self.seeds:
            measured = [
                (number, rows)
                for number, cell in enumerate(cells)
                if (rows := self._rows.get((lineage, condition, seed, *_name(cell)))) is not None
            ]
            if measured:
                rows = np.concatenate([rows for _, rows in measured])
                parts = np.concatenate([np.full(len(rows), number) for number, rows in measured])
                counts = self._counts[rows]
                shares = self._totals[rows] / counts
                estimates.append(clustered_proportion(shares, list(self._people[rows]), list(parts), counts))
        return estimates

    def _combine(
        self, condition: Condition, terms: Sequence[Term], seeds: Sequence[int]
    ) -> Difference | None:
        per_seed = [parts for seed in seeds if (parts := self._of_seed(condition, terms, seed)) is not None]
        if not per_seed:
            return None
        gaps = np.mean([each[0] for each in per_seed], axis=0)
        shares = np.mean([each[1] for each in per_seed], axis=0)
        is_asked = shares > 0
        bounds = _bounds(terms)
        # Shares add up to one, so the sum of what people add is the mean.
        pooled = difference_of_people(gaps[is_asked], shares[is_asked], per_seed[0][2], seed=0, bounds=bounds)
        return _with_spread(pooled, [float(each[0].sum()) for each in per_seed], bounds)

    def _of_seed(
        self, condition: Condition, terms: Sequence[Term], seed: int
    ) -> tuple[Floats, Floats, int] | None:
        """What each person adds to the sum, each person's share of the questions, and their number."""
        distinct = dict.fromkeys(cell for term in terms for cell in term.cells)
        asked = {cell: self._asked(condition, terms, seed, cell) for cell in distinct}
        gaps, shares = np.zeros(self._width), np.zeros(self._width)
        whole = sum(abs(term.weight) for term in terms)
        for term in terms:
            cells = [cell for cell in term.cells if asked[cell].any()]
            if not cells:
                return None
            for cell in cells:
                totals, counts, _ = self._dense(condition, term.lineage, seed, cell)
                size = float(counts[asked[cell]].sum()) * len(cells)
                gaps[asked[cell]] += term.weight * cell.metric.scale * totals[asked[cell]] / size
                shares[asked[cell]] += abs(term.weight) / whole * counts[asked[cell]] / size
        first = terms[0].lineage
        count = sum(
            self._dense(condition, first, seed, cell)[1][asked[cell]].sum() for cell in terms[0].cells
        )
        return gaps, shares, int(count)

    def _asked(
        self, condition: Condition, terms: Sequence[Term], seed: int, cell: Measured
    ) -> npt.NDArray[np.bool_]:
        """About whom scores of the same questions are there of all models that are asked a cell."""
        lineages = dict.fromkeys(term.lineage for term in terms if cell in term.cells)
        models = [self._dense(condition, lineage, seed, cell) for lineage in lineages]
        counts = np.stack([each[1] for each in models])
        questions = np.stack([each[2] for each in models])
        limits = np.iinfo(np.int64)
        highest, lowest = (np.where(questions, questions, unknown) for unknown in (limits.min, limits.max))
        are_same = (highest.max(axis=0) == lowest.min(axis=0)) | ~questions.any(axis=0)
        asked: npt.NDArray[np.bool_] = (counts[0] > 0) & (counts == counts[0]).all(axis=0) & are_same
        return asked

    def _dense(
        self, condition: Condition, lineage: Lineage, seed: int, cell: Measured
    ) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
        """Of one model's cell for everybody: sums, counts and which questions; zeros for what is unknown."""
        rows = self._rows.get((lineage, condition, seed, *_name(cell)))
        totals, counts = np.zeros(self._width), np.zeros(self._width)
        questions = np.zeros(self._width, dtype=np.int64)
        if rows is not None:
            # A set may have several views of its own: test portraits are one set.
            np.add.at(totals, self._people[rows], self._totals[rows])
            np.add.at(counts, self._people[rows], self._counts[rows])
            np.add.at(questions, self._people[rows], self._questions[rows])
        return totals, counts, questions


def _name(cell: Measured) -> tuple[str, ...]:
    """What the frame calls a cell, in its columns' order."""
    return cell.eval_set, cell.modality, cell.metric.task, cell.metric.key, cell.view


def _bounds(terms: Iterable[Term]) -> tuple[float, float]:
    """The least and the greatest sum there can be, in points of 100."""
    low = high = 0.0
    for term in terms:
        ranges = [(cell.metric.metric.unit.bounds, cell.metric.scale) for cell in term.cells]
        least = min((bounds[0] * scale for bounds, scale in ranges), default=0.0)
        most = max((bounds[1] * scale for bounds, scale in ranges), default=0.0)
        ends = sorted((term.weight * least, term.weight * most))
        low, high = low + ends[0], high + ends[1]
    return low, high


def _with_spread(pooled: Difference, values: Sequence[float], bounds: tuple[float, float]) -> Difference:
    """A difference that holds for further seeds as well as for further people, within its bounds."""
    reach = pooled.value - pooled.low if pooled.value > 0 else pooled.high - pooled.value
    p_value = p_value_with_seeds(pooled.p_value, reach, values)
    low, high = widened_by_seeds(pooled.value, pooled.low, pooled.high, values)
    low, high = max(low, bounds[0]), min(high, bounds[1])
    return replace(pooled, low=low, high=high, p_value=p_value)
