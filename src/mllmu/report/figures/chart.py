"""What all figures share: panels, marks with error bars, and their style."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mllmu.report.figures.palette import INK, LINE, SOFT, faded
from mllmu.report.names import MODALITY_TITLES, TASK_TITLES, ShownMetric, full_title
from mllmu.report.numbers.scores import Score
from mllmu.unlearning.lineage import Lineage

FONT = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
BEST_AT_RETRAINED = "best is at Retrained"
FORGET_AXIS = f"Forget ({BEST_AT_RETRAINED})"
_FADED = 0.4


def label(text: str) -> str:
    """Return text that plotly, which reads some HTML, shows as it is."""
    return html.escape(text, quote=False)


def panels(modalities: Sequence[str], metrics: Sequence[ShownMetric]) -> go.Figure:
    """Return an empty figure with a row per evaluation modality and a column per task's metric."""
    titles = [
        f"{TASK_TITLES[metric.task]} · {MODALITY_TITLES.get(modality, modality).lower()}"
        for modality in modalities
        for metric in metrics
    ]
    figure = make_subplots(
        rows=len(modalities),
        cols=len(metrics),
        subplot_titles=titles,
        shared_yaxes=True,
        horizontal_spacing=0.035,
        vertical_spacing=0.14 if len(modalities) > 1 else 0,
    )
    # Only the titles are annotations yet.
    figure.update_annotations(font={"size": 13, "color": INK})
    return figure


def say_nothing_to_forget(figure: go.Figure, row: int, column: int) -> None:
    """Write into an empty panel why it is empty."""
    figure.add_annotation(
        text="∅ nothing to forget",
        font={"color": SOFT, "size": 12},
        xref="x domain",
        yref="y domain",
        x=0.5,
        y=0.85,
        showarrow=False,
        row=row,
        col=column,
    )
    figure.update_xaxes(showticklabels=False, row=row, col=column)


def error_bars(scores: Sequence[Score], colour: str) -> dict[str, object]:
    """Return plotly's description of the intervals; those that are missing have no length."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [_length(each.high - each.value) for each in scores],
        "arrayminus": [_length(each.value - each.low) for each in scores],
        "thickness": 1.3,
        "width": 0,
        "color": colour,
    }


def marker(lineage: Lineage, x: Score, y: Score, colour: str, symbol: str) -> go.Scatter:
    """Return one model as a mark with both intervals."""
    name = label(full_title(lineage))
    # The page swaps the ink for dark paper, but knows no faded ink.
    bars = SOFT if colour == INK else faded(colour, _FADED)
    is_reference = not lineage.method
    return go.Scatter(
        x=[x.value],
        y=[y.value],
        error_x=error_bars([x], bars),
        error_y=error_bars([y], bars),
        mode="markers",
        marker={
            "symbol": symbol,
            "size": 13 if is_reference else 10,
            "color": colour,
            "line": {"width": 0.5, "color": LINE},
        },
        hovertemplate=f"{name}<br>forget %{{x:.1f}}, utility %{{y:.1f}}<extra></extra>",
        legendgroup=lineage.method or lineage.model,
        showlegend=False,
    )


def legend_entry(title: str, group: str, colour: str, symbol: str) -> go.Scatter:
    """Return an entry of the legend without a point in the figure."""
    return go.Scatter(
        x=[None],
        y=[None],
        mode="markers",
        name=label(title),
        legendgroup=group,
        marker={"symbol": symbol, "size": 10, "color": colour},
    )


def styled(figure: go.Figure, height: int, top: int = 88) -> go.Figure:
    """Give a figure the report's look; the paper stays transparent, the legend lies in the top margin."""
    axis = {
        "gridcolor": LINE,
        "linecolor": LINE,
        "zeroline": False,
        "ticks": "",
        "tickfont": {"color": SOFT, "size": 12},
        "title": {"font": {"color": SOFT, "size": 12}, "standoff": 8},
        "automargin": True,
    }
    figure.update_xaxes(axis)
    figure.update_yaxes(axis)
    figure.update_layout(
        template="none",
        height=height,
        margin={"l": 56, "r": 16, "t": top, "b": 56},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "size": 13, "color": INK},
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "font": {"size": 13, "color": INK},
            "itemsizing": "constant",
        },
        hoverlabel={"font": {"family": FONT, "size": 13}},
        hovermode="closest",
    )
    return figure


def _length(value: float) -> float:
    return value if math.isfinite(value) and value > 0 else 0.0
