"""Protects: unlearning on names and on faces is compared by question, and only where it can differ."""

from __future__ import annotations

import pytest

from mllmu.report.findings.contrasts import Verdict, contrast_modalities, contrast_note
from mllmu.report.numbers.scores import Scores
from tests.report.small_run import frames, joined
from tests.report.world import make_person_scores, make_results

TEN = (8, 9, 10, 11, 12, 8, 9, 10, 11, 12)


def _answers(text, image_text, people=TEN):
    return {
        "vanilla": [each + 80 for each in people],
        "retrained": people,
        "npo:text": [each + text + own for own, each in enumerate(people)],
        "npo:image_text": [each + image_text for each in people],
        "prompting:text": [each + 60 for each in people],
        "prompting:image_text": [each + 60 for each in people],
    }


def test_a_contrast_is_paired_and_leaves_out_what_cannot_differ():
    """NPO on text keeps 20 to 29 points more, ten people out of ten; prompting would halve the difference."""
    scores = joined(frames(_answers(40, 20)))
    (found,) = contrast_modalities(scores, scores.conditions[0])
    assert (found.text, found.image_text) == (pytest.approx(54.5), pytest.approx(30))
    assert found.difference.value == pytest.approx(24.5)
    assert found.p_value == 2 / 2**10
    assert found.verdict is Verdict.CONTRADICTS
    assert found.difference_text.startswith("+24.5 [+2")
    note = contrast_note(scores, scores.conditions[0])
    assert "Prompting does the same on both and does not count." in note
    assert "p-value" not in note


def test_five_people_decide_nothing():
    scores = joined(frames(_answers(40, 20, TEN[:5])))
    (found,) = contrast_modalities(scores, scores.conditions[0])
    assert found.p_value == 0.0625
    assert found.verdict is Verdict.UNDECIDED
    assert "5 people to forget can give no p-value below 0.0625" in contrast_note(
        scores, scores.conditions[0]
    )


def test_contrasts_are_a_family():
    """Two of them: the same p-value counts twice."""
    both = [frames(_answers(40, 20), modality=way) for way in ("text", "image_text")]
    scores = joined(*both)
    assert [each.p_value for each in contrast_modalities(scores, scores.conditions[0])] == [4 / 2**10] * 2


def test_where_there_is_nothing_to_forget_nothing_is_compared():
    scores = joined(frames({**_answers(40, 20), "vanilla": TEN}))
    assert contrast_modalities(scores, scores.conditions[0]) == []


def test_verdicts_follow_the_papers_claims():
    """Text leaves 60 and image + text 30 everywhere: right for classification with images, else wrong."""
    frame = make_results(ratios=(10,), unlearned_on=("image_text", "text"))
    level = frame["unlearn_modality"].map({"image_text": 30.0, "text": 60.0}).fillna(90.0)
    level = level.where(frame["model"] != "retrained", 10.0)
    frame["value"] = level * frame["metric"].map({"rougeL_f": 0.01}).fillna(1.0)
    scores = Scores(frame, make_person_scores(frame))
    found = {
        (each.modality, each.metric.task): each for each in contrast_modalities(scores, scores.conditions[0])
    }
    assert found["image_text", "classification"].verdict is Verdict.AGREES
    assert found["text", "classification"].verdict is Verdict.NO_CLAIM
    assert found["text", "cloze"].verdict is Verdict.CONTRADICTS
    assert found["text", "generation"].difference.value == pytest.approx(30)
    assert contrast_modalities(Scores(frame), scores.conditions[0]) == []
