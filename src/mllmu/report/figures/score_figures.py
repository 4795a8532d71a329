"""The figures of forget scores: what there is to forget, and ways of unlearning compared."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from mllmu.report.figures.chart import (
    FORGET_AXIS,
    error_bars,
    label,
    panels,
    say_nothing_to_forget,
    styled,
)
from mllmu.report.figures.palette import (
    INK,
    LINE,
    REFERENCE_COLOURS,
    REFERENCE_SYMBOLS,
    SOFT,
    UNLEARN_COLOURS,
    faded,
)
from mllmu.report.names import (
    MODALITY_TITLES,
    TASK_TITLES,
    ShownMetric,
    headline,
    lineage_title,
    method_order,
    method_title,
    unlearn_title,
)
from mllmu.report.numbers.comparisons import Measured
from mllmu.report.numbers.ranking import is_nothing_to_forget
from mllmu.report.numbers.scores import Condition, Score, Scores
from mllmu.unlearning.lineage import RETRAINED, VANILLA, VANILLA_LINEAGE, Lineage

_DASHES = {VANILLA: "dash", RETRAINED: "dot"}


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
    in_legend: set[Lineage] = set()
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
                    line = {"color": INK, "width": 1.3, "dash": _DASHES[lineage.model]}
                    # Over the whole panel, as a line between methods is none where there is one of them.
                    figure.add_hline(y=level.value, line=line, row=row, col=column)
                    if lineage not in in_legend:
                        in_legend.add(lineage)
                        figure.add_trace(_legend_of_line(lineage, line), row, column)
    figure.update_yaxes(range=[0, 104], dtick=25)
    figure.update_xaxes(showgrid=False)
    figure.update_yaxes(title_text=FORGET_AXIS, col=1)
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
    return is_nothing_to_forget(scores.comparisons, condition, Measured("forget", modality, metric))


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


def _legend_of_line(lineage: Lineage, line: Mapping[str, object]) -> go.Scatter:
    return go.Scatter(
        x=[None], y=[None], mode="lines", name=lineage_title(lineage), legendgroup=lineage.model, line=line
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
