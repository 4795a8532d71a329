"""The figure of a training: its losses, its rate and its gradients, step by step."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mllmu.report.figures.chart import label, styled
from mllmu.report.figures.palette import INK, SOFT, Look, method_looks

_POINTS = 150
_DIGITS = 4
_RATE, _NORM = "learning_rate", "gradient_norm"
_WHERE = ("model", "training", "step", "passes")
COLUMNS = (*_WHERE, _RATE, _NORM)


def training_figure(log: pd.DataFrame) -> go.Figure:
    """The losses, the learning rate and the norm of the gradient over the passes of one training.

    Args:
        log: a row for each step, in their order. Where there are many, neighbours are shown as their mean.
    """
    shown = _thinned(log)
    losses = [name for name in shown.columns if name not in (*_WHERE, _RATE, _NORM)]
    figure = make_subplots(
        rows=1,
        cols=3,
        subplot_titles=["Losses", "Learning rate", "Norm of the gradient"],
        horizontal_spacing=0.08,
    )
    figure.update_annotations(font={"size": 13, "color": INK})
    looks = method_looks(losses)
    for column, name in [*((1, name) for name in losses), (2, _RATE), (3, _NORM)]:
        values = shown[name].dropna()
        title = name.replace("_", " ")
        look = Look(INK) if name == "loss" else looks.get(name, Look(SOFT))
        figure.add_trace(
            go.Scatter(
                x=shown["passes"][values.index].tolist(),
                y=values.tolist(),
                mode="lines",
                name=label(title),
                line={"color": look.colour, "dash": look.dash, "width": 1.6},
                hovertemplate=f"{label(title)} %{{y:.4g}} after %{{x:.3g}} passes<extra></extra>",
                showlegend=column == 1,
            ),
            1,
            column,
        )
    figure.update_xaxes(title_text="Passes", rangemode="tozero")
    figure.update_yaxes(exponentformat="e")
    return styled(figure, 280)


def _thinned(log: pd.DataFrame) -> pd.DataFrame:
    """At most so many rows, each the mean of as many steps, with as many digits as can be seen."""
    numbers = log.select_dtypes("number").reset_index(drop=True)
    together = -(-len(numbers) // _POINTS)
    means = numbers.groupby(numbers.index // together).mean()
    return means.map(lambda value: float(f"{value:.{_DIGITS}g}"))
