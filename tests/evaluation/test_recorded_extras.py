"""Protects: what is recorded on request is asked of answers that attacks compare, and refused in time."""

import math

import pytest

from mllmu.errors import UserError
from mllmu.evaluation import STRICT, ask, get_extras, get_protocol, score
from mllmu.inference import Extra, TokenScores
from tests.evaluation.test_asking import ITEMS, KnowsRiga

EVERYTHING = frozenset(Extra)


class TellsAll(KnowsRiga):
    """Every token has mean -2 and standard deviation .5, and every answer a gradient as long as its text."""

    extras = EVERYTHING

    def score(self, requests, progress=None):
        return [
            TokenScores(
                one.log_probs,
                one.is_argmax,
                one.argmax,
                ((-2.0, 0.5),) * len(one.log_probs) if Extra.TOKEN_MOMENTS in request.extras else (),
                float(len(request.answer)) if Extra.GRADIENT_NORMS in request.extras else None,
            )
            for request, one in zip(requests, super().score(requests), strict=True)
        ]


def test_reference_answers_that_an_attack_compares_are_asked_for_more():
    engine = TellsAll()
    records = ask(engine, ITEMS, STRICT, record=EVERYTHING)
    choice, free, cloze = records.iloc[0], records.iloc[1], records.iloc[2]
    for one, length in ((free, 7), (cloze, 3)):
        assert one["answer_log_prob_means"] == [-2.0] * length
        assert one["answer_log_prob_deviations"] == [0.5] * length
        assert one["answer_gradient_norm"] == len(one["answer"])
    assert choice["answer_log_prob_means"] == [] and math.isnan(choice["answer_gradient_norm"])
    asked = [request for request in engine.scored if request.extras]
    assert [request.answer for request in asked] == [
        item.question.answer
        for item in ITEMS
        if item.question.task != "classification" and item.eval_set in ("forget", "holdout")
    ]


def test_what_was_not_asked_for_is_not_recorded():
    records = ask(TellsAll(), ITEMS, STRICT, record={Extra.GRADIENT_NORMS})
    assert not any(map(len, records["answer_log_prob_means"]))
    plain = ask(TellsAll(), ITEMS, STRICT)
    assert not any(map(len, plain["answer_log_prob_means"])) and plain["answer_gradient_norm"].isna().all()
    attacked = {name for name in score(records)["metric"] if name.startswith("membership_auc(")}
    assert "membership_auc(grad_norm)" in attacked and "membership_auc(min_k_plus_plus)" not in attacked


def test_an_engine_that_cannot_tell_is_refused_before_it_is_asked():
    engine = TellsAll()
    engine.extras = frozenset({Extra.TOKEN_MOMENTS})
    with pytest.raises(UserError, match="gradient_norms cannot be recorded of this model"):
        ask(engine, ITEMS, STRICT, record=EVERYTHING)
    assert engine.scored == engine.written == []


def test_a_protocol_that_scores_no_answers_is_refused_before_anybody_is_asked():
    engine = TellsAll()
    with pytest.raises(UserError, match="under protocol 'official', which scores no reference answers"):
        ask(engine, ITEMS, get_protocol("official"), record={Extra.TOKEN_MOMENTS})
    assert engine.scored == engine.written == []


def test_names_that_do_not_exist_are_told_near_ones():
    assert get_extras(["gradient_norms", "gradient_norms"]) == {Extra.GRADIENT_NORMS}
    with pytest.raises(UserError, match="thing to record 'token_moment': did you mean 'token_moments'"):
        get_extras(["gradient_norms", "token_moment"])
