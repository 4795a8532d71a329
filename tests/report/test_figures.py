"""Figures and findings: what is drawn and said follows from the numbers."""

from __future__ import annotations

import pytest

from mllmu.report.contrasts import Verdict, contrast_modalities
from mllmu.report.figures import knowledge_figure, modality_figure, pareto_front, trade_off_figure
from mllmu.report.findings import find, standings
from mllmu.report.scores import Scores
from tests.report.world import make_results


def test_pareto_front_by_hand():
    """(40, 60) is beaten by (30, 70); (50, 70) keeps no more than (30, 70); equal points appear once."""
    points = [(50.0, 70.0), (30.0, 70.0), (10.0, 20.0), (40.0, 60.0), (80.0, 90.0), (30.0, 70.0)]
    assert pareto_front(points) == [(10.0, 20.0), (30.0, 70.0), (80.0, 90.0)]
    assert pareto_front([]) == []


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


def test_contrast_follows_signs_and_intervals():
    """Text leaves 60 ±5 and image + text 30 ±5: the difference is 30 ±sqrt(50), and image + text won."""
    frame = make_results(ratios=(10,), unlearned_on=("image_text", "text"))
    unit = frame["metric"].map({"rougeL_f": 0.01}).fillna(1.0)
    value = frame["unlearn_modality"].map({"image_text": 30.0, "text": 60.0}).fillna(90.0)
    frame = frame.assign(value=value * unit, ci_low=(value - 5) * unit, ci_high=(value + 5) * unit)
    scores = Scores(frame)
    found = {
        (each.modality, each.metric.task): each for each in contrast_modalities(scores, scores.conditions[0])
    }
    assert found["image_text", "classification"].verdict is Verdict.AGREES
    assert found["text", "classification"].verdict is Verdict.NO_CLAIM
    assert found["text", "cloze"].verdict is Verdict.CONTRADICTS
    assert found["text", "generation"].difference.value == pytest.approx(30)
    assert found["text", "generation"].difference.half_width == pytest.approx(50**0.5)


def test_a_method_that_breaks_everything_is_not_the_best(results):
    """GA has the lowest forget score of the frame and loses 20 points of utility."""
    scores = Scores(results)
    ranked = standings(scores, scores.conditions[0])
    lowest = min(ranked, key=lambda each: each.forget.value)
    assert lowest.lineage.method == "ga"
    assert not lowest.keeps_utility
    assert ranked[0].lineage.method == "npo"


def test_without_vanilla_nobody_is_said_to_keep_anything(results):
    """What was lost cannot be told, so there is neither a best method nor a broken one."""
    scores = Scores(results[results["model"] == "unlearned"])
    ranked = standings(scores, scores.conditions[0])
    assert ranked
    assert {(each.loss, each.keeps_utility) for each in ranked} == {(None, False)}
    titles = " ".join(finding.title for finding in find(scores, scores.conditions[0]))
    assert "at tolerable cost" not in titles
    assert "by breaking" not in titles


def test_findings_say_when_there_is_nothing_to_forget(results):
    """A vanilla model that knows no more than the retrained one must be called out."""
    frame = results.copy()
    forget = (frame["model"] == "vanilla") & (frame["eval_set"] == "forget")
    frame.loc[forget, ["value", "ci_low", "ci_high"]] = [0.1, 0.0, 0.2]
    titles = [finding.title for finding in find(Scores(frame), Scores(frame).conditions[0])]
    assert "Not everywhere is there something to forget" in titles
    assert "There is something to forget" not in titles
