"""Protects: the front of the trade-off joins what is nearest to retrained, as the ranking has it."""

from __future__ import annotations

from mllmu.report.figures.trade_off_figure import Standpoint, pareto_front, trade_off_figure
from mllmu.report.numbers.scores import Scores
from tests.report.small_run import frames, joined

EIGHT = (22, 24, 26, 28, 22, 24, 26, 28)


def test_pareto_front_by_hand():
    """Retrained is at 30. (28, 50) is beaten by (30, 60), which is nearer and keeps more; (5, 85), the lowest
    of all, by (10, 90). 15 and 45 are equally near and keep the same. Equal points appear once.
    """
    front = [(10, 90, 20), (15, 80, 15), (30, 60, 0), (45, 80, 15), (80, 95, 50)]
    beaten = [(28, 50, 2), (5, 85, 25), (50, 80, 20)]
    points = [Standpoint(*each) for each in (*beaten, *front, front[0])]
    assert pareto_front(points) == [Standpoint(*each) for each in front]
    assert pareto_front([]) == []


def run(ga, npo):
    """Two methods that keep the same utility, so many points from retrained on the forget set."""
    models = {"vanilla": 60, "retrained": 0, "ga:both": ga, "npo:both": npo}
    forget = {name: [value + points for value in EIGHT] for name, points in models.items()}
    return frames(forget), frames({name: [80] * 8 for name in models}, "retain")


def front_of(scores):
    """The ends of the dotted lines of all panels, of which one holds models."""
    lines = [each for each in trade_off_figure(scores, scores.conditions[0]).data if each.mode == "lines"]
    return [point for line in lines for point in zip(line.x, line.y, strict=True)]


def test_who_forgot_more_than_retrained_is_not_ahead():
    """GA is 20 points below, NPO 3 above, at the same utility: the lowest is the farther."""
    assert front_of(joined(*run(ga=-20, npo=3))) == [(28, 80)]
    assert front_of(joined(*run(ga=-2, npo=3))) == [(23, 80)]


def test_without_comparisons_nobody_is_ahead():
    """As nothing is ranked then; the models are drawn all the same."""
    results = joined(*run(ga=-20, npo=3)).frame
    assert front_of(Scores(results)) == []
    assert "NPO" in trade_off_figure(Scores(results), Scores(results).conditions[0]).to_json()


def test_references_are_inside_the_figure():
    """Retrained may keep less than every method; the nearest to it is best."""
    forget, retain = run(ga=5, npo=3)
    retain = frames(
        {"vanilla": [80] * 8, "retrained": [30] * 8, "ga:both": [80] * 8, "npo:both": [80] * 8}, "retain"
    )
    scores = joined(forget, retain)
    lowest, _ = trade_off_figure(scores, scores.conditions[0]).layout.yaxis.range
    assert lowest < 30
