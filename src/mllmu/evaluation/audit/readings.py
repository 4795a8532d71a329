"""What every metric reads off a model about the people to forget, turned so that more means more is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import neg

import numpy as np

from mllmu.benchmark.types import EvaluationSet
from mllmu.evaluation.metric_registry import METRICS
from mllmu.evaluation.metrics.metric import Direction
from mllmu.evaluation.set_metric_registry import SET_METRICS
from mllmu.evaluation.set_metrics.set_metric import OVER_ALL, Floats, Goal, Models, SetMetric
from mllmu.evaluation.view import ORIGINAL

FORGET = EvaluationSet.FORGET.value


@dataclass(frozen=True)
class TaskNumber:
    """A number about one model, and the rows that it is computed from.

    Attributes:
        task: of the questions.
        statistic: the columns -> the number.
        columns: each [n].
        people: whom each row is about [n].
    """

    task: str
    statistic: Callable[..., float]
    columns: tuple[Floats, ...]
    people: Sequence[str]
    _rows: dict[str, list[int]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def number(self, counted: Mapping[str, int] | None = None) -> float:
        """The number, everybody counted as often as is said; once, if nothing is said."""
        if counted is None:
            return float(self.statistic(*self.columns))
        if not self._rows:
            rows = defaultdict(list)
            for row, person in enumerate(self.people):
                rows[str(person)].append(row)
            self._rows.update(rows)
        chosen = [row for person, rows in self._rows.items() for row in rows * counted.get(person, 1)]
        return float(self.statistic(*(column[chosen] for column in self.columns))) if chosen else float("nan")


@dataclass(frozen=True)
class Reading:
    """One metric on one model.

    Attributes:
        metric: as results call it.
        modality: how was asked, by face or by name; ``all`` where both take part.
        turned: the number -> the number turned so that more means more is known.
        cells: one for each task.
        floor: what the metric reads off the retrained model, where only the distance from it counts.
    """

    metric: str
    modality: str
    turned: Callable[[float], float]
    cells: tuple[TaskNumber, ...]
    floor: tuple[TaskNumber, ...] = ()

    def knowledge(self, counted: Mapping[str, int] | None = None) -> float:
        """How much the metric says is known: the mean over tasks, NaN where it says nothing.

        Args:
            counted: how often a person counts; once, where nothing is said.
        """
        numbers = np.array([cell.number(counted) for cell in self.cells])
        if self.floor:
            numbers = np.abs(numbers - [cell.number(counted) for cell in self.floor])
        return float(np.mean([self.turned(number) for number in numbers]))


def readings(models: Models) -> list[Reading]:
    """Everything that metrics say about the people to forget, in the order of the registries.

    Args:
        models: the model, the retrained model that it is read against and must not be, and vanilla.
    """
    return [*_of_questions(models), *_of_sets(models)]


def knowledge_by_metric(own: Sequence[Reading], counted: Mapping[str, int] | None = None) -> dict[str, float]:
    """How much each metric says is known: over both ways of asking, or their mean where it has one for each.

    Args:
        own: all readings of a model.
        counted: how often a person counts; once, where nothing is said.
    """
    metrics = dict.fromkeys(one.metric for one in own)
    parts = {name: [one for one in own if one.metric == name] for name in metrics}
    for name, each in parts.items():
        parts[name] = [one for one in each if one.modality == OVER_ALL] or each
    return {name: float(np.mean([one.knowledge(counted) for one in each])) for name, each in parts.items()}


def _of_questions(models: Models) -> Iterator[Reading]:
    values = models.model.values
    values = values[(values["eval_set"] == FORGET) & values["view"].isin(["", ORIGINAL])]
    for metric in METRICS.all():
        turned = float if metric.direction is Direction.KNOWLEDGE else neg
        own = values[values["metric"] == metric.name]
        for modality, asked in own.groupby("modality", sort=False):
            cells = tuple(
                TaskNumber(str(task), np.mean, (part["value"].to_numpy(float),), list(part["profile_id"]))
                for task, part in asked.groupby("task", sort=False)
            )
            yield Reading(metric.name, str(modality), turned, cells)


def _of_sets(models: Models) -> Iterator[Reading]:
    for metric in SET_METRICS.all():
        # A number between vanilla and retrained tells models apart as the metric that it is made of does.
        if metric.goal is Goal.ONE or any(map(models.lacks, metric.needs)):
            continue
        floors = {}
        if metric.goal is Goal.RETRAINED:
            assert models.retrained is not None
            floors = _cells(metric, Models(models.retrained, models.retrained, models.vanilla))
        for (called, modality), cells in _cells(metric, models).items():
            floor = floors.get((called, modality), ())
            if len(floor) == len(cells) or not floors:
                yield Reading(called, modality, _TURNED[metric.goal], cells, floor)


def _cells(metric: SetMetric, models: Models) -> dict[tuple[str, str], tuple[TaskNumber, ...]]:
    """The metric's cells about the people to forget: (name, modality) -> one for each task."""
    cells: dict[tuple[str, str], list[TaskNumber]] = defaultdict(list)
    for sample in metric.samples(models):
        if sample.eval_set == FORGET and not sample.missing:
            key = metric.called(sample.of), sample.modality
            cells[key].append(TaskNumber(sample.task, metric.statistic, sample.columns, sample.people))
    return {key: tuple(own) for key, own in cells.items()}


_TURNED: Mapping[Goal, Callable[[float], float]] = {
    Goal.HIGH: neg,
    Goal.LOW: float,
    Goal.ZERO: abs,
    Goal.RETRAINED: float,
}
