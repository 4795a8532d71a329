"""Figures: what is drawn follows from the numbers."""

from __future__ import annotations

from mllmu.report.figures.score_figures import knowledge_figure, modality_figure
from mllmu.report.figures.trade_off_figure import trade_off_figure
from mllmu.report.numbers.scores import Scores
from tests.report.small_run import frames, joined
from tests.report.world import make_results


def test_figures_are_drawn_for_full_and_partial_results(results):
    """One modality, one way of unlearning or no reference is no reason to fail."""
    partial = results[(results["modality"] == "text") & (results["unlearn_modality"] == "both")]
    for frame in (results, partial):
        scores = Scores(frame)
        for condition in scores.conditions:
            assert trade_off_figure(scores, condition).data
            assert knowledge_figure(scores, condition).to_json()
    assert modality_figure(Scores(partial), Scores(partial).conditions[0]) is None


def test_hostile_names_reach_plotly_escaped():
    """Plotly reads HTML in labels."""
    name = "<a href='https://example.org'>x</a>"
    scores = Scores(make_results(ratios=(5,), methods=("ga", "npo")).replace({"npo": name}))
    for figure in (trade_off_figure, modality_figure):
        assert "<a " not in figure(scores, scores.conditions[0]).to_json()


def test_what_there_is_nothing_to_forget_of_is_left_out_of_figures():
    """An empty panel says why; the points of the other one are drawn."""
    six = [70, 72, 74, 76, 78, 80]
    answers = {"retrained": [10] * 6, "npo:both": [30] * 6, "npo:text": [30] * 6}
    known, unknown = {**answers, "vanilla": six}, {**answers, "vanilla": [10] * 6}
    sides = [frames(known), frames(unknown, modality="image_text")]
    sides += [frames(each, "retain", way) for each, way in ((known, "text"), (known, "image_text"))]
    scores = joined(*sides)
    for figure in (trade_off_figure, modality_figure):
        drawn = figure(scores, scores.conditions[0])
        assert drawn.to_json().count("nothing to forget") == 1
        assert "NPO" in drawn.to_json()
    lines = knowledge_figure(scores, scores.conditions[0]).to_json()
    assert "image + text \\u2205" in lines
    assert "text \\u2205" not in lines.replace("image + text \\u2205", "")


def test_levels_of_references_are_drawn_beside_a_single_method():
    """A line from one method to itself would be none."""
    answers = {"vanilla": [80] * 6, "retrained": [10] * 6, "npo:both": [30] * 6, "npo:text": [40] * 6}
    scores = joined(frames(answers), frames(answers, modality="image_text"))
    figure = modality_figure(scores, scores.conditions[0])
    levels = [(shape.y0, shape.line.dash) for shape in figure.layout.shapes if shape.y0 == shape.y1]
    assert {(80, "dash"), (10, "dot")} <= set(levels)
    assert [each.name for each in figure.data if each.type == "scatter"] == ["Vanilla", "Retrained"]
