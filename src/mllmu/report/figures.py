"""The figures: what there is to forget, forgetting against utility, ways of unlearning compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from mllmu.report.chart import (
    error_bars,
    label,
    legend_entry,
    marker,
    panels,
    say_nothing_to_forget,
    styled,
)
from mllmu.report.comparisons import Measured
from mllmu.report.names import (
    MODALITY_TITLES,
    TASK_TITLES,
    UTILITY_SETS,
    ShownMetric,
    headline,
    lineage_title,
    method_order,
    method_title,
    unlearn_title,
)
from mllmu.report.palette import (
    INK,
    LINE,
    REFERENCE_COLOURS,
    REFERENCE_SYMBOLS,
    SOFT,
    UNLEARN_COLOURS,
    UNLEARN_SYMBOLS,
    faded,
    method_colours,
)
from mllmu.report.ranking import has_something_to_forget
from mllmu.report.scores import Condition, Score, Scores
from mllmu.unlearning.lineage import RETRAINED, VANILLA, VANILLA_LINEAGE, Lineage

_DASHES = {VANILLA: "dash", RETRAINED: "dot"}


def trade_off_figure(scores: Scores, condition: Condition) -> go.Figure:
    """Forgetting against utility: forget score to the right, mean of retain and celebrity upwards.

    One panel per task and evaluation modality; a dotted line joins the models that no other beats in both.
    """
    modalities = scores.modalities(condition)
    metrics = headline(condition.protocol)
    figure = panels(modalities, metrics)
    methods = scores.unlearned(condition)
    references = [each for each in scores.references(condition) if each.model in REFERENCE_SYMBOLS]
    colours = method_colours(list(dict.fromkeys(each.method for each in methods)))
    lows = []
    for row, modality in enumerate(modalities, 1):
        for column, metric in enumerate(metrics, 1):
            if _is_empty(scores, condition, modality, metric):
                say_nothing_to_forget(figure, row, column)
                continue

            def point(
                lineage: Lineage, modality: str = modality, metric: ShownMetric = metric
            ) -> tuple[Score, Score] | None:
                forget = scores.mean(lineage, condition, ["forget"], [modality], [metric])
                utility = scores.mean(lineage, condition, UTILITY_SETS, [modality], [metric])
                return None if forget is None or utility is None else (forget, utility)

            points = {each: pair for each in methods if (pair := point(each)) is not None}
            lows += [utility.value for _, utility in points.values()]
            front = pareto_front([(forget.value, utility.value) for forget, utility in points.values()])
            figure.add_trace(_front_line(front), row, column)
            for lineage, (forget, utility) in points.items():
                symbol = UNLEARN_SYMBOLS.get(lineage.unlearn_modality, "circle")
                figure.add_trace(
                    marker(lineage, forget, utility, colours[lineage.method], symbol), row, column
                )
            for lineage in references:
                if (pair := point(lineage)) is not None:
                    figure.add_trace(
                        marker(lineage, *pair, INK, REFERENCE_SYMBOLS[lineage.model]), row, column
                    )
    for entry in _trade_off_legend(references, methods, colours):
        figure.add_trace(entry, 1, 1)
    figure.update_xaxes(range=[-3, 103], dtick=25)
    figure.update_yaxes(range=[_floor(lows) - 3, 103], dtick=20)
    figure.update_xaxes(title_text="Forget (lower is forgotten)", row=len(modalities))
    figure.update_yaxes(title_text="Utility (higher is kept)", col=1)
    return styled(figure, 310 * len(modalities) + 110)


def modality_figure(scores: Scores, condition: Condition) -> go.Figure | None:
    """Forget score per method by what it was unlearned on; None if there is only one way to show."""
    ways = scores.unlearn_modalities(condition)
    if len(ways) < 2:
        return None
    modalities = scores.modalities(condition)
    metrics = headline(condition.protocol)
    figure = panels(modalities, metrics)
    methods = sorted({each.method for each in scores.unlearned(condition)}, key=method_order)
    first = next(
        (
            (row, column)
            for row, modality in enumerate(modalities, 1)
            for column, metric in enumerate(metrics, 1)
            if not _is_empty(scores, condition, modality, metric)
        ),
        None,
    )
    for row, modality in enumerate(modalities, 1):
        for column, metric in enumerate(metrics, 1):
            if _is_empty(scores, condition, modality, metric):
                say_nothing_to_forget(figure, row, column)
                continue
            for way in ways:
                score_of = {
                    method: score
                    for method in methods
                    if (
                        score := _on(
                            scores, condition, VANILLA_LINEAGE.unlearned(method, way), modality, metric
                        )
                    )
                }
                bars = _bars(score_of, way)
                bars.showlegend = (row, column) == first
                figure.add_trace(bars, row, column)
            for lineage in scores.references(condition):
                level = _on(scores, condition, lineage, modality, metric)
                if level is not None and lineage.model in REFERENCE_SYMBOLS:
                    line = _level_line(lineage, level, methods)
                    line.showlegend = (row, column) == first
                    figure.add_trace(line, row, column)
    figure.update_yaxes(range=[0, 104], dtick=25)
    figure.update_xaxes(showgrid=False)
    figure.update_yaxes(title_text="Forget (lower is forgotten)", col=1)
    figure.update_layout(barmode="group", bargap=0.26, bargroupgap=0.08)
    return styled(figure, 290 * len(modalities) + 110)


def knowledge_figure(scores: Scores, condition: Condition) -> go.Figure:
    """What vanilla knows of the forget people and retrained does not: one line per task and modality."""
    rows = [
        (modality, metric)
        for metric in headline(condition.protocol)
        for modality in scores.modalities(condition)
    ]
    titles = [
        f"{TASK_TITLES[metric.task]} · {MODALITY_TITLES[modality].lower()}"
        + (" ∅" if _is_empty(scores, condition, modality, metric) else "")
        for modality, metric in rows
    ]
    figure = go.Figure()
    reference_of = {each.model: each for each in scores.references(condition)}
    vanilla, retrained = reference_of.get(VANILLA), reference_of.get(RETRAINED)
    for title, (modality, metric) in zip(titles, rows, strict=True):
        ends = [
            score.value
            for lineage in (vanilla, retrained)
            if lineage and (score := _on(scores, condition, lineage, modality, metric))
        ]
        figure.add_trace(
            go.Scatter(
                x=ends,
                y=[title] * len(ends),
                mode="lines",
                line={"color": LINE, "width": 10},
                hoverinfo="skip",
                showlegend=False,
            )
        )
    for lineage, eval_set, name, symbol, colour in (
        (vanilla, "holdout", "Vanilla, people never seen", "circle-open", SOFT),
        (retrained, "forget", "Retrained, forget people", "star", REFERENCE_COLOURS[RETRAINED]),
        (vanilla, "forget", "Vanilla, forget people", "diamond", REFERENCE_COLOURS[VANILLA]),
    ):
        level_of = {
            title: score
            for title, (modality, metric) in zip(titles, rows, strict=True)
            if lineage and (score := _on(scores, condition, lineage, modality, metric, eval_set))
        }
        if level_of:
            figure.add_trace(_dots(level_of, name, symbol, colour))
    figure.update_xaxes(range=[-2, 102], title_text="Points of 100")
    figure.update_yaxes(categoryorder="array", categoryarray=titles[::-1], showgrid=False)
    return styled(figure, 42 * len(titles) + 110, top=48)


def pareto_front(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the points no other beats in both: less left of forget (first), more kept (second).

    Ordered by the first coordinate; equal points appear once.
    """
    front: list[tuple[float, float]] = []
    for point in sorted(set(points), key=lambda each: (each[0], -each[1])):
        if not front or point[1] > front[-1][1]:
            front.append(point)
    return front


def _on(
    scores: Scores,
    condition: Condition,
    lineage: Lineage,
    modality: str,
    metric: ShownMetric,
    eval_set: str = "forget",
) -> Score | None:
    return scores.mean(lineage, condition, [eval_set], [modality], [metric])


def _is_empty(scores: Scores, condition: Condition, modality: str, metric: ShownMetric) -> bool:
    """Whether vanilla does not beat retrained; unknown counts as no."""
    asked = Measured("forget", modality, metric)
    return has_something_to_forget(scores.comparisons, condition, asked) is False


def _floor(values: Sequence[float]) -> float:
    """Return where an axis starts that is to show the values close up, but not too close."""
    return min(60.0, max(0.0, 20.0 * (min(values, default=0.0) // 20)))


def _front_line(front: Sequence[tuple[float, float]]) -> go.Scatter:
    return go.Scatter(
        x=[each[0] for each in front],
        y=[each[1] for each in front],
        mode="lines",
        line={"color": SOFT, "width": 1.2, "dash": "dot"},
        hoverinfo="skip",
        showlegend=False,
    )


def _trade_off_legend(
    references: Sequence[Lineage], methods: Sequence[Lineage], colours: Mapping[str, str]
) -> list[go.Scatter]:
    entries = [
        legend_entry(lineage_title(each), each.model, INK, REFERENCE_SYMBOLS[each.model])
        for each in references
    ]
    entries += [
        legend_entry(method_title(method), method, colour, "circle") for method, colour in colours.items()
    ]
    ways = list(dict.fromkeys(each.unlearn_modality for each in methods if each.unlearn_modality))
    if len(ways) > 1:
        entries += [
            legend_entry(
                f"on {unlearn_title(way).lower()}", f"way/{way}", SOFT, UNLEARN_SYMBOLS.get(way, "circle")
            )
            for way in ways
        ]
    return entries


def _bars(score_of: Mapping[str, Score], way: str) -> go.Bar:
    name = label(f"Unlearned on {unlearn_title(way).lower()}")
    return go.Bar(
        x=[label(method_title(method)) for method in score_of],
        y=[score.value for score in score_of.values()],
        error_y=error_bars(list(score_of.values()), SOFT),
        name=name,
        legendgroup=way,
        marker={"color": UNLEARN_COLOURS.get(way, SOFT), "line": {"width": 0}},
        hovertemplate=f"%{{x}}: %{{y:.1f}}<extra>{name}</extra>",
    )


def _level_line(lineage: Lineage, level: Score, methods: Sequence[str]) -> go.Scatter:
    return go.Scatter(
        x=[label(method_title(method)) for method in methods],
        y=[level.value] * len(methods),
        mode="lines",
        name=lineage_title(lineage),
        legendgroup=lineage.model,
        showlegend=False,
        line={"color": INK, "width": 1.3, "dash": _DASHES[lineage.model]},
        hovertemplate=f"%{{y:.1f}}<extra>{lineage_title(lineage)}</extra>",
    )


def _dots(level: Mapping[str, Score], name: str, symbol: str, colour: str) -> go.Scatter:
    return go.Scatter(
        x=[score.value for score in level.values()],
        y=list(level),
        error_x=error_bars(list(level.values()), SOFT if colour == SOFT else faded(colour, 0.6)),
        mode="markers",
        name=name,
        marker={"symbol": symbol, "size": 12, "color": colour},
        hovertemplate=f"%{{y}}: %{{x:.1f}}<extra>{name}</extra>",
    )
