"""Protects aggregates over questions, sets and modalities: hand values, and what they do without a part."""

import math

import numpy as np
import pytest

from mllmu.evaluation import score
from mllmu.evaluation.set_metrics.both_modalities import (
    ACC_F,
    ACC_R,
    RL_F,
    both_right,
    both_wrong,
    larger_of_two,
    smaller_of_two,
)
from mllmu.evaluation.set_metrics.harmonic import harmonic_mean_of_parts
from mllmu.evaluation.set_metrics.leakage_gap import LEAKAGE_GAP, gap
from mllmu.evaluation.set_metrics.normalised import (
    NORMALISED,
    NOTHING_TO_FORGET,
    TOO_FEW_PEOPLE,
    share_of_way,
)
from mllmu.evaluation.set_metrics.not_memorised import NOT_MEMORISED
from mllmu.evaluation.set_metrics.perplexity import PERPLEXITY, perplexity
from tests.evaluation.set_metrics.models import answer, frame, models


def cloze(person, response, modality="text", attribute="birthplace", eval_set="forget"):
    which = {"question_id": f"{person}/{modality}/{attribute}", "modality": modality, "attribute": attribute}
    return answer(person, [], eval_set, task="cloze", response=response, **which) | {"answer": "Riga"}


def test_harmonic_mean_worked_out_by_hand():
    """Means .5 (of .25 and .75) and 1: 2 / (2 + 1); a part that is 0 decides, one without value has none.

    Whichever part that is: a resample may lack any.
    """

    def mean(values, parts, count):
        return harmonic_mean_of_parts(np.array(values), np.array(parts, float), count)

    assert mean([0.25, 0.75, 1], [0, 0, 1], 2) == pytest.approx(2 / 3)
    assert mean([0.0, 1], [0, 1], 2) == 0
    for parts in ([0, 1], [0, 2], [1, 2]):
        assert math.isnan(mean([1.0, 1], parts, 3))
    assert math.isnan(mean([], [], 2))


def test_perplexity_weighs_tokens():
    """Answers of 1 and 3 tokens with -2 and -6 in all: exp(8 / 4)."""
    records = frame(answer("1", [-2.0]), answer("2", [-1.0, -2, -3]), answer("3", []))
    (sample,) = PERPLEXITY.samples(models(records))
    assert PERPLEXITY.statistic(*sample.columns) == pytest.approx(math.exp(2))
    assert math.isnan(perplexity(np.zeros(1), np.zeros(1)))
    assert perplexity(np.array([-1e6]), np.ones(1)) == math.inf


def test_nothing_memorised_is_1_and_everything_0():
    """Extraction strength reaches 0 where the last token is wrong (k = L), and so the harmonic mean 1."""

    def asked(right, likely):
        return answer(
            "1",
            [-1.0] * 3,
            answer_is_argmax=[right, right, True],
            paraphrase_log_probs=[0.0 if likely else -1e3],
            wrong_log_probs=[[-1e3 if likely else 0.0]],
        )

    for record, expected in ((asked(False, False), 1), (asked(True, True), 0)):
        (sample,) = NOT_MEMORISED.samples(models(frame(record)))
        assert NOT_MEMORISED.statistic(*sample.columns) == pytest.approx(expected)


def test_half_memorised_worked_out_by_hand():
    """Right, wrong, (end): extraction 0, exact .5; paraphrase e^-1; R = e^(1 - 2), share 1 / (1 + e^-1).

    The harmonic mean of 1, .5, .6321 and .2689 is 4 / (1 + 2 + 1.5820 + 3.7183) = .4819.
    """
    record = answer(
        "1",
        [-1.0] * 3,
        answer_is_argmax=[True, False, True],
        paraphrase_log_probs=[-1.0],
        wrong_log_probs=[[-2.0]],
    )
    (sample,) = NOT_MEMORISED.samples(models(frame(record)))
    assert NOT_MEMORISED.statistic(*sample.columns) == pytest.approx(0.4819, abs=1e-4)


def test_both_modalities_worked_out_by_hand():
    """Of ROUGE-L .2 and .6: (.04 + .36) / .8 = .5 and .24 / .8 = .3; of 0 and 0 nothing."""
    face, name = np.array([0.2]), np.array([0.6])
    assert larger_of_two(face, name) == pytest.approx(0.5)
    assert smaller_of_two(face, name) == pytest.approx(0.3)
    assert larger_of_two(np.zeros(1), np.zeros(1)) == smaller_of_two(np.zeros(1), np.zeros(1)) == [0]
    answers = np.array([0.0, 0, 100, 100]), np.array([0.0, 100, 0, 100])
    assert both_wrong(*answers).tolist() == [100, 0, 0, 0]
    assert both_right(*answers).tolist() == [0, 0, 0, 100]


def test_facts_are_paired_by_attribute_and_person():
    """In whatever order; what was asked about in one modality only is left out."""
    records = frame(
        cloze("1", "Riga", "image_text"),
        cloze("2", "", "image_text"),
        cloze("2", ""),
        cloze("1", ""),
        cloze("3", ""),
        cloze("1", "", attribute="hobby"),
    )
    (sample,) = [one for one in ACC_F.samples(models(records)) if one.task == "cloze"]
    assert (list(sample.people), sample.columns[0].tolist()) == (["1", "2"], [0, 100])


def test_facts_without_attribute_are_paired_by_their_value():
    records = frame(cloze("1", "Riga", "image_text", "", "retain"), cloze("1", "Riga", "text", "", "retain"))
    (sample,) = [one for one in ACC_R.samples(models(records)) if one.task == "cloze"]
    assert sample.columns[0].tolist() == [100]


def test_one_modality_has_no_pairs():
    assert [one.missing for one in RL_F.samples(models(frame(answer("1", [-1.0]))))] == [
        "no fact is asked about in both modalities"
    ]


def test_leakage_gap_worked_out_by_hand():
    """By face 100 of vanilla's 200 is left, by name 0 of 100: .5; none where vanilla knew nothing."""
    by_face = np.array([1.0, 1, 0])
    assert gap(np.array([100.0, 0, 0]), np.array([100.0, 100, 100]), by_face) == 0.5
    assert math.isnan(gap(np.zeros(3), np.array([100.0, 100, 0]), by_face))
    vanilla = frame(cloze("1", "Riga", "image_text"), cloze("1", "Riga"))
    model = frame(cloze("1", ""), cloze("1", "Riga", "image_text"))
    (sample,) = [one for one in LEAKAGE_GAP.samples(models(model, None, vanilla)) if one.task == "cloze"]
    assert LEAKAGE_GAP.statistic(*sample.columns) == 1
    assert (
        LEAKAGE_GAP.statistic(*next(iter(LEAKAGE_GAP.samples(models(vanilla, None, vanilla)))).columns) == 0
    )


def test_normalised_is_0_for_vanilla_1_for_retrained_and_beyond():
    """(80 - 90) / (40 - 90) = .2, and 30 overshoots at 1.2, 100 falls short at -.2."""
    vanilla, retrained = np.array([90.0]), np.array([40.0])
    for value, expected in ((90, 0), (40, 1), (80, 0.2), (30, 1.2), (100, -0.2)):
        assert share_of_way(np.array([float(value)]), vanilla, retrained) == pytest.approx(expected)
    assert math.isnan(share_of_way(vanilla, vanilla, vanilla))


def test_where_vanilla_does_not_beat_retrained_nothing_is_normalised():
    """Five people are the fewest of whom it can be told, one-sided: 1 / 2^5 = .03; four give .06."""

    def asked(people, response):
        return frame(*(cloze(str(one), response) for one in range(people)))

    cases = ((5, "Riga", ""), (4, "Riga", TOO_FEW_PEOPLE), (6, "Oslo", NOTHING_TO_FORGET))
    for people, taught, reason in cases:
        retrained = "" if taught == "Riga" else "Riga"
        scores = score(asked(people, "Riga"), 0, asked(people, retrained), asked(people, taught))
        (row,) = scores[scores["metric"] == "normalised(cloze_contains)"].to_dict("records")
        assert row["missing"] == reason
        assert row["value"] == 0 if not reason else math.isnan(row["value"])
    assert NORMALISED.needs
