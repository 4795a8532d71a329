"""Titles and orders of models, sets, modalities and metrics in the report."""

from __future__ import annotations

from dataclasses import dataclass

from mllmu.benchmark.types import Task
from mllmu.evaluation import Metric, Unit, accuracy_metrics, get_metric, get_protocol
from mllmu.unlearning import FURTHER_STEPS, METHODS
from mllmu.unlearning.lineage import BASE, RETRAINED, VANILLA, Lineage

#: Models that did not unlearn, in the order of their rows.
REFERENCE_TITLES = {BASE: "Base", VANILLA: "Vanilla", RETRAINED: "Retrained"}

SET_TITLES = {
    "forget": "Forget",
    "test": "Test",
    "retain": "Retain",
    "celebrity": "Celebrity",
    "holdout": "Holdout",
    "same_person": "Same person",
    "trained": "Trained",
    "withheld": "Withheld",
    "perception": "Perception",
}

#: The sets of the paper's table, and what else is to be kept where some facts alone are to be forgotten.
TABLE_SETS = ("forget", "test", "same_person", "retain", "celebrity")
FORGOTTEN_SETS = ("forget", "test")
UTILITY_SETS = ("same_person", "retain", "celebrity")
#: All that is asked about the people to forget, the easiest to recall first.
RECALL_SETS = ("trained", "forget", "test", "withheld")

#: What the tokens of answers do, in the order of a sentence.
TOKEN_METRICS = ("echo_log_prob", "template_log_prob", "value_log_prob")

MODALITY_TITLES = {"image_text": "Image + text", "text": "Text"}

UNLEARN_TITLES = {"image_text": "Image + text", "text": "Text only", "both": "Both"}

#: The most that a score kept for utility may fall below vanilla, in points of 100.
TOLERATED_LOSS = 15.0


@dataclass(frozen=True)
class ShownMetric:
    """A metric of one task, as a column of a table and a panel of a figure show it.

    Attributes:
        task: the form of question it is measured on.
        metric: the metric.
        title: heading in a table.
    """

    task: str
    metric: Metric
    title: str

    @property
    def key(self) -> str:
        """Its name in the results frame."""
        return self.metric.name

    @property
    def meaning(self) -> str:
        """What the numbers are, for the caption."""
        return self.metric.meaning

    @property
    def scale(self) -> float:
        """The factor that turns the frame's value into points of 100."""
        points = {Unit.PER_CENT: 1.0, Unit.FRACTION: 100.0, Unit.SCORE: 10.0, Unit.NATS: 100.0}
        return points[self.metric.unit]

    @property
    def decimals(self) -> int:
        """Digits shown after the point."""
        return {Unit.PER_CENT: 1, Unit.FRACTION: 3, Unit.SCORE: 2, Unit.NATS: 2}[self.metric.unit]


def shown(metric: str, task: Task, title: str = "") -> ShownMetric:
    """A registered metric as a column; under its own heading if no title is given.

    Raises:
        UserError: no metric has that name.
    """
    registered = get_metric(metric)
    return ShownMetric(task.value, registered, title or registered.heading or registered.title)


def letter_metrics() -> tuple[ShownMetric, ...]:
    """Return the columns under every set in the table of classification by letter."""
    return (
        shown("letter_accuracy", Task.CLASSIFICATION, "Letter"),
        shown("letter_likelihood_accuracy", Task.CLASSIFICATION),
        shown("letter_invalid", Task.CLASSIFICATION),
    )


def headline(protocol: str) -> tuple[ShownMetric, ...]:
    """Return one metric per task, in the order of the figures' panels: the protocol's own.

    Raises:
        UserError: no protocol has that name.
    """
    chosen = get_protocol(protocol).headline
    return tuple(shown(chosen[task], task) for task in (Task.CLASSIFICATION, Task.CLOZE, Task.GENERATION))


def table_metrics(protocol: str) -> tuple[ShownMetric, ...]:
    """Return the columns under every set, in the order of the table."""
    return (*headline(protocol), shown("generation_contains", Task.GENERATION))


def accuracies(protocol: str) -> tuple[ShownMetric, ...]:
    """Return one accuracy per task, all in per cent, so that they may be averaged."""
    named = accuracy_metrics(get_protocol(protocol))
    return tuple(shown(named[task], task) for task in (Task.CLASSIFICATION, Task.CLOZE, Task.GENERATION))


TASK_TITLES = {"classification": "Classification", "cloze": "Cloze", "generation": "Generation"}


def question_title(task: str, modality: str) -> str:
    """Return a form of question in a sentence: ``cloze (image + text)``."""
    return f"{TASK_TITLES[task].lower()} ({MODALITY_TITLES[modality].lower()})"


def method_title(method: str) -> str:
    """Return how a method is printed; methods that are not installed here keep their own name."""
    return METHODS.get(method).title if method in METHODS.names() else method


def depends_on_modality(method: str) -> bool:
    """Return whether a method can do something else on names than on faces; unknown ones are taken to."""
    return METHODS.get(method).depends_on_modality if method in METHODS.names() else True


def method_order(method: str) -> tuple[int, str]:
    """Return the sort key of a method: registered ones in their order first, then others by name."""
    names = METHODS.names()
    return (names.index(method) if method in names else len(names), method)


def lineage_title(lineage: Lineage) -> str:
    """Return how a row of a table calls a model: what made it, and what was done to it after that."""
    first = method_title(lineage.method) if lineage.method else REFERENCE_TITLES[lineage.model]
    return " + ".join([first, *map(_step_title, lineage.step_names)])


def full_title(lineage: Lineage) -> str:
    """Return a model's title with what it was unlearned on."""
    on = unlearn_title(lineage.unlearn_modality).lower()
    return f"{lineage_title(lineage)} on {on}" if on else lineage_title(lineage)


def _step_title(name: str) -> str:
    return FURTHER_STEPS.get(name).title if name in FURTHER_STEPS.names() else method_title(name)


def unlearn_title(unlearn_modality: str) -> str:
    """Return what unlearning was done on, in words; empty where no modality is named."""
    return UNLEARN_TITLES.get(unlearn_modality, unlearn_modality)


def unlearn_order(unlearn_modality: str) -> tuple[int, str]:
    """Return the sort key image + text, text, both, then anything else by name."""
    ways = list(UNLEARN_TITLES)
    return (ways.index(unlearn_modality) if unlearn_modality in ways else len(ways), unlearn_modality)
