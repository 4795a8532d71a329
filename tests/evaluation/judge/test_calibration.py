"""Protects: the hand-made pairs are whole, their halves share no question, and agreement is read off them."""

from collections import Counter

import pytest

from mllmu.evaluation.judge.calibration.agreement import calibrate
from mllmu.evaluation.judge.calibration.calibration_pairs import (
    PairHalf,
    all_calibration_pairs,
    calibration_pairs,
)
from mllmu.evaluation.judge.rules.rule_judge import RuleJudge
from mllmu.evaluation.judge.verdicts import JudgeVerdict, NoVerdict
from mllmu.synthesis import ATTRIBUTES


class Recorder:
    name = "recorder"

    def __init__(self, outcome):
        self.outcome = outcome

    def judge(self, pairs, progress=None):
        return [self.outcome(number) for number in range(len(pairs))]


def test_there_are_pairs_of_every_attribute_in_both_halves():
    for half in PairHalf:
        counts = Counter(one.pair.attribute for one in calibration_pairs(half))
        assert set(counts) == set(ATTRIBUTES) and min(counts.values()) >= 6
        assert {one.expected.score for one in calibration_pairs(half)} == set(range(1, 11))
    assert len(all_calibration_pairs()) >= 200


def test_every_pair_is_whole_and_none_stands_twice():
    pairs = [one.pair for one in all_calibration_pairs()]
    assert len(set(pairs)) == len(pairs)
    for one in all_calibration_pairs():
        assert one.expected.reason and one.pair.question.endswith("?")
        assert one.pair.value in ("none", "no pet") or one.pair.value.lower() in one.pair.answer.lower()


def test_no_person_is_in_both_halves():
    people = [{one.person for one in calibration_pairs(half)} for half in PairHalf]
    assert not people[0] & people[1]


def test_full_agreement_and_a_judge_that_is_one_too_mild():
    examples = calibration_pairs(PairHalf.HELD_OUT)
    scores = [one.expected.score for one in examples]
    perfect = calibrate(Recorder(lambda number: JudgeVerdict(scores[number], "so")), examples)
    assert perfect.kappa.value == 1 and perfect.difference.value == 0 and perfect.within_one == 1
    mild = calibrate(Recorder(lambda number: JudgeVerdict(min(10, scores[number] + 1), "so")), examples)
    assert 0.8 < mild.kappa.value < 1 and 0 < mild.difference.value < 1
    assert mild.kappa.low <= mild.kappa.value <= mild.kappa.high


def test_pairs_without_a_verdict_are_counted_and_left_out():
    examples = calibration_pairs(PairHalf.DEVELOPMENT)[:10]
    agreement = calibrate(
        Recorder(lambda number: NoVerdict("lost", False) if number < 3 else JudgeVerdict(5, "so")), examples
    )
    assert agreement.problems == {"lost": 3} and len(agreement.pairs) == 7


def test_the_worst_come_first():
    agreement = calibrate(RuleJudge(), calibration_pairs(PairHalf.DEVELOPMENT))
    distances = [abs(one.difference) for one in agreement.pairs]
    assert distances == sorted(distances, reverse=True)


@pytest.mark.parametrize(("half", "least"), [(PairHalf.DEVELOPMENT, 0.9), (PairHalf.HELD_OUT, 0.8)])
def test_the_rules_agree_with_hand_made_scores(half, least):
    assert calibrate(RuleJudge(), calibration_pairs(half)).kappa.value > least
