"""The figure of forgetting against utility, and the models in it that no other beats in both."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from mllmu.evaluation import Difference
from mllmu.report.figures.chart import (
    FORGET_AXIS,
    legend_entry,
    marker,
    panels,
    say_nothing_to_forget,
    styled,
)
from mllmu.report.figures.palette import INK, REFERENCE_SYMBOLS, SOFT, UNLEARN_SYMBOLS, Look, method_looks
from mllmu.report.names import (
    UTILITY_SETS,
    ShownMetric,
    headline,
    lineage_title,
    method_title,
    unlearn_title,
)
from mllmu.report.numbers.comparisons import Measured
from mllmu.report.numbers.ranking import is_nothing_to_forget
from mllmu.report.numbers.score_means import mean_over_sets
from mllmu.report.numbers.scores import Condition, Score, Scores
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, Lineage


class Standpoint(NamedTuple):
    """Where a model stands in a panel.

    Attributes:
        forget: its score on the forget set.
        utility: the mean of its scores on the utility sets.
        distance: how far it is from retrained on the forget set, on either side.
    """

    forget: float
    utility: float
    distance: float


def trade_off_figure(scores: Scores, condition: Condition) -> go.Figure:
    """Forgetting against utility: forget score to the right, mean of retain and celebrity upwards.

    One panel per task and evaluation modality; a dotted line joins the models that no other beats in both,
    see `pareto_front`. Models that are not compared with retrained are in no front.
    """
    modalities = scores.modalities(condition)
    metrics = headline(condition.protocol)
    figure = panels(modalities, metrics)
    methods = scores.unlearned(condition)
    references = [each for each in scores.references(condition) if each.model in REFERENCE_SYMBOLS]
    looks = method_looks(each.method for each in methods)
    lows = []
    for row, modality in enumerate(modalities, 1):
        for column, metric in enumerate(metrics, 1):
            asked = Measured("forget", modality, metric)
            if is_nothing_to_forget(scores.comparisons, condition, asked):
                say_nothing_to_forget(figure, row, column)
                continue
            points = _points(scores, condition, (*methods, *references), modality, metric)
            front = pareto_front(
                [
                    Standpoint(forget.value, utility.value, abs(gap.value))
                    for lineage, (forget, utility) in points.items()
                    if lineage in methods and (gap := _gap(scores, condition, lineage, asked)) is not None
                ]
            )
            figure.add_trace(_front_line(front), row, column)
            for lineage, (forget, utility) in points.items():
                lows.append(utility.value if math.isnan(utility.low) else utility.low)
                if lineage in methods:
                    look = looks[lineage.method]
                    colour = look.colour
                    symbol = UNLEARN_SYMBOLS.get(lineage.unlearn_modality, "circle") + look.suffix
                else:
                    colour, symbol = INK, REFERENCE_SYMBOLS[lineage.model]
                figure.add_trace(marker(lineage, forget, utility, colour, symbol), row, column)
    for entry in _legend(references, methods, looks):
        figure.add_trace(entry, 1, 1)
    figure.update_xaxes(range=[-3, 103], dtick=25)
    figure.update_yaxes(range=[_floor(lows) - 3, 103], dtick=20)
    figure.update_xaxes(title_text=FORGET_AXIS, row=len(modalities))
    figure.update_yaxes(title_text="Utility (higher is kept)", col=1)
    return styled(figure, 310 * len(modalities) + 110)


def pareto_front(points: Sequence[Standpoint]) -> list[Standpoint]:
    """Return the points no other beats in both: nearer to retrained on forget, and more kept.

    A point is beaten by one that is at least as good in both and better in one. Ordered by forget score;
    equal points appear once.
    """

    def beats(one: Standpoint, other: Standpoint) -> bool:
        is_no_worse = one.distance <= other.distance and one.utility >= other.utility
        return is_no_worse and (one.distance, one.utility) != (other.distance, other.utility)

    return sorted(point for point in set(points) if not any(beats(other, point) for other in points))


def _points(
    scores: Scores, condition: Condition, lineages: Sequence[Lineage], modality: str, metric: ShownMetric
) -> dict[Lineage, tuple[Score, Score]]:
    """Scores on the forget set and on the utility sets, of the models that were asked all that any was."""

    def of_sets(lineage: Lineage, names: Sequence[str]) -> dict[str, Score]:
        means = {name: scores.mean(lineage, condition, [name], [modality], [metric]) for name in names}
        return {name: mean for name, mean in means.items() if mean is not None}

    means = {each: of_sets(each, ("forget", *UTILITY_SETS)) for each in lineages}
    sets = {name for of_model in means.values() for name in of_model} - {"forget"}
    return {
        lineage: (forget, mean_over_sets([of_model[name] for name in UTILITY_SETS if name in sets]))
        for lineage, of_model in means.items()
        if (forget := of_model.get("forget")) is not None and sets and sets <= of_model.keys()
    }


def _gap(scores: Scores, condition: Condition, lineage: Lineage, asked: Measured) -> Difference | None:
    return scores.comparisons.difference(condition, lineage, RETRAINED_LINEAGE, [asked])


def _floor(values: Sequence[float]) -> float:
    """Return where an axis starts that is to show the values close up, but not too close."""
    return min(60.0, max(0.0, 20.0 * (min(values, default=0.0) // 20)))


def _front_line(front: Sequence[Standpoint]) -> go.Scatter:
    return go.Scatter(
        x=[each.forget for each in front],
        y=[each.utility for each in front],
        mode="lines",
        line={"color": SOFT, "width": 1.2, "dash": "dot"},
        hoverinfo="skip",
        showlegend=False,
    )


def _legend(
    references: Sequence[Lineage], methods: Sequence[Lineage], looks: Mapping[str, Look]
) -> list[go.Scatter]:
    entries = [
        legend_entry(lineage_title(each), each.model, INK, REFERENCE_SYMBOLS[each.model])
        for each in references
    ]
    ways = list(dict.fromkeys(each.unlearn_modality for each in methods if each.unlearn_modality))
    # Where there are several, each has an entry of its own.
    symbol = UNLEARN_SYMBOLS.get(ways[0], "circle") if len(ways) == 1 else "circle"
    entries += [
        legend_entry(method_title(method), method, look.colour, symbol + look.suffix)
        for method, look in looks.items()
    ]
    if len(ways) > 1:
        entries += [
            legend_entry(
                f"on {unlearn_title(way).lower()}",
                f"way/{way}",
                SOFT,
                UNLEARN_SYMBOLS.get(way, "circle"),
            )
            for way in ways
        ]
    return entries
