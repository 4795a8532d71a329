"""The figure of trajectories: how each method moves from vanilla, and whether it comes to retrained."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mllmu.evaluation.scoring.bootstrap import Floats
from mllmu.report.figures.chart import BEST_AT_RETRAINED, label, legend_entry, styled
from mllmu.report.figures.palette import INK, LINE, REFERENCE_SYMBOLS, method_looks
from mllmu.report.names import REFERENCE_TITLES, lineage_title, method_title, unlearn_title
from mllmu.report.numbers.scores import Condition, Scores
from mllmu.report.numbers.standings import nothing_to_forget_anywhere
from mllmu.unlearning.lineage import RETRAINED, VANILLA

_VALUES = "forget %{x:.1f}, utility %{y:.1f}<extra></extra>"


def trajectory_figure(scores: Scores, condition: Condition) -> go.Figure | None:
    """Forget against utility, one line per method from vanilla through its states; None without trajectories.

    One panel for each way of unlearning. Both are mean accuracies: of what there is to forget of forget and
    test, and of the sets to keep that all models were asked on their way.
    """
    if not scores.trajectories:
        return None
    ways = scores.unlearn_modalities(condition)
    figure = make_subplots(
        rows=1,
        cols=len(ways),
        subplot_titles=[
            label(f"Unlearned on {unlearn_title(way).lower()}") if way else "Unlearned" for way in ways
        ],
        shared_yaxes=True,
        horizontal_spacing=0.035,
    )
    figure.update_annotations(font={"size": 13, "color": INK})
    left_out = nothing_to_forget_anywhere(scores, condition)
    looks = method_looks(each.method for each in scores.unlearned(condition))
    shown: set[str] = set()
    for column, way in enumerate(ways, 1):
        references: dict[str, tuple[Floats, Floats]] = {}
        for lineage in scores.methods(condition, way):
            trajectory = scores.trajectories.find(lineage, condition, left_out=left_out)
            if trajectory is None:
                continue
            forget = trajectory.forget.of_everybody()
            utility = np.mean([each.of_everybody() for each in trajectory.utility], axis=0)
            passes = scores.trajectories.passes(lineage, condition)
            title, look = label(lineage_title(lineage)), looks[lineage.method]
            shown.add(lineage.method)
            figure.add_trace(
                go.Scatter(
                    x=forget,
                    y=utility,
                    mode="lines+markers" if trajectory.is_gradual else "markers",
                    line={"color": look.colour, "dash": look.dash, "width": 1.6},
                    marker={
                        "size": [5] * (len(forget) - 1) + [9],
                        "color": look.colour,
                        "symbol": f"circle{look.suffix}",
                    },
                    customdata=[f", {one:g} passes" if np.isfinite(one) else "" for one in passes],
                    hovertemplate=title + "%{customdata}<br>" + _VALUES,
                    legendgroup=lineage.method,
                    showlegend=False,
                ),
                1,
                column,
            )
            references = {VANILLA: (forget[:1], utility[:1])}
            if trajectory.retrained_utility:
                target_utility = np.mean(
                    [each.of_everybody() for each in trajectory.retrained_utility], axis=0
                )
                references[RETRAINED] = (trajectory.retrained.of_everybody(), target_utility)
        for model, (x, y) in references.items():
            figure.add_trace(_mark(model, x, y), 1, column)
    if not shown:
        return None
    for model, symbol in REFERENCE_SYMBOLS.items():
        figure.add_trace(legend_entry(REFERENCE_TITLES[model], model, INK, symbol), 1, 1)
    for method, look in looks.items():
        if method in shown:
            entry = legend_entry(method_title(method), method, look.colour, f"circle{look.suffix}")
            figure.add_trace(entry, 1, 1)
    figure.update_xaxes(range=[-3, 103], dtick=25, title_text=f"Forget and test ({BEST_AT_RETRAINED})")
    figure.update_yaxes(range=[-3, 103], dtick=25)
    figure.update_yaxes(title_text="Utility (higher is kept)", col=1)
    return styled(figure, 430)


def _mark(model: str, x: Floats, y: Floats) -> go.Scatter:
    return go.Scatter(
        x=x,
        y=y,
        mode="markers",
        marker={
            "symbol": REFERENCE_SYMBOLS[model],
            "size": 13,
            "color": INK,
            "line": {"width": 0.5, "color": LINE},
        },
        hovertemplate=f"{REFERENCE_TITLES[model]}<br>{_VALUES}",
        showlegend=False,
    )
