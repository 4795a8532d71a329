"""Protects: whatever a judge's server does, verdicts that came stay; the rest is counted and asked again."""

import pytest

from mllmu.errors import UserError
from mllmu.evaluation.judge.asked.asked_judge import AskedJudge
from mllmu.evaluation.judge.asked.cost_estimate import estimate_cost
from mllmu.evaluation.judge.verdicts import AnswerPair, JudgeVerdict, NoVerdict
from mllmu.inference import AnswerStore
from mllmu.inference.endpoint import connect

from .judging_server import completion, judging

PAIRS = [AnswerPair("What?", "A baker.", "baker", f"A baker, {number}.") for number in range(4)]
SEVEN = JudgeVerdict(7, "mostly right")


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr("mllmu.inference.endpoint.server._SECONDS_BEFORE_ANOTHER_TRY", 0)
    monkeypatch.setattr("mllmu.inference.endpoint.server._RETRIES", 2)
    with judging() as running:
        yield running


def judge_at(server, tmp_path, concurrency=1):
    return AskedJudge(connect(server.url), AnswerStore(tmp_path / "verdicts.sqlite"), concurrency)


def test_every_answer_is_asked_about_once_in_the_form_of_the_rubric(server, tmp_path):
    judge = judge_at(server, tmp_path)
    assert judge.judge([*PAIRS, PAIRS[0]]) == [SEVEN] * 5
    assert len(server.requests) == 4
    body = server.requests[0]
    assert body["temperature"] == 0 and body["response_format"]["type"] == "json_schema"
    assert "Answer to rate: A baker, 0." in body["messages"][1]["content"]


def test_verdicts_are_kept(server, tmp_path):
    judge_at(server, tmp_path).judge(PAIRS[:3])
    again = judge_at(server, tmp_path)
    assert again.unjudged(PAIRS) == PAIRS[3:]
    assert again.judge(PAIRS) == [SEVEN] * 4 and len(server.requests) == 4


def test_a_server_without_forms_of_replies_is_asked_without(server, tmp_path):
    server.forms = False
    server.troubles = [None, "Score: 8"]
    outcomes = judge_at(server, tmp_path).judge(PAIRS[:2])
    assert [one.score for one in outcomes] == [8, 7]
    assert [("response_format" in body) for body in server.requests] == [True, False, False]


@pytest.mark.parametrize(
    "trouble", [429, 500, 503, "broken", "hang", "empty", "no score at all", '{"score": 11}']
)
def test_a_trouble_of_a_moment_is_asked_again(server, tmp_path, monkeypatch, trouble):
    if trouble == "hang":
        monkeypatch.setattr("mllmu.inference.endpoint.server._SECONDS_PER_ANSWER", 2)
    server.troubles = [trouble]
    assert judge_at(server, tmp_path).judge(PAIRS[:2]) == [SEVEN] * 2


@pytest.mark.parametrize(
    ("trouble", "times", "replied"),
    [(429, 3, False), (500, 3, False), ("broken", 3, False), ("empty", 2, True), ("eleven of ten", 2, True)],
)
def test_a_trouble_that_stays_leaves_the_others(server, tmp_path, trouble, times, replied):
    server.troubles = [trouble] * times
    first, *others = judge_at(server, tmp_path).judge(PAIRS)
    assert isinstance(first, NoVerdict) and first.reason and first.replied is replied
    assert others == [SEVEN] * 3
    assert judge_at(server, tmp_path).judge(PAIRS) == [SEVEN] * 4


@pytest.mark.parametrize("reason", ["error", "abort"])
def test_what_a_server_breaks_off_is_no_score_and_ends_the_asking(server, tmp_path, reason):
    """It counted as a reply that cannot be read, so that answers got the lowest score without an end."""
    broken = completion("The answer")
    broken["choices"][0]["finish_reason"] = reason
    server.troubles = [None, *[broken] * 200]
    many = [AnswerPair("What?", "A baker.", "baker", f"{number}") for number in range(40)]
    outcomes = judge_at(server, tmp_path).judge(many)
    failures = [one for one in outcomes if isinstance(one, NoVerdict)]
    assert len(failures) == 39 and not any(one.replied for one in failures)
    assert len(server.requests) < 30


def test_a_model_that_wants_its_limit_by_another_name_is_asked_by_that(server, tmp_path, caplog):
    """As newer models of OpenAI, which take no temperature either."""
    server.refused = {
        "max_tokens": "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
        "temperature": "Unsupported value: 'temperature' does not support 0 with this model.",
    }
    assert judge_at(server, tmp_path).judge(PAIRS) == [SEVEN] * 4
    assert len(server.requests) == 4 + 2
    assert server.requests[-1]["max_completion_tokens"] > 0
    assert not {"max_tokens", "temperature"} & server.requests[-1].keys()
    assert "drawn at random" in caplog.text


def test_pairs_are_one_whatever_others_are_known(server, tmp_path):
    """What is true of other people is for the rules; a set of it cannot be a key."""
    known_others = [
        AnswerPair(*("What?", "A baker.", "baker", "A cook."), others=names) for names in ({"a"}, {"b"})
    ]
    assert judge_at(server, tmp_path).judge(known_others) == [SEVEN] * 2
    assert len(server.requests) == 1


def test_a_server_that_keeps_failing_is_not_asked_for_ever(server, tmp_path):
    server.troubles = [None, *[401] * 100]
    many = [AnswerPair("What?", "A baker.", "baker", f"{number}") for number in range(40)]
    outcomes = judge_at(server, tmp_path).judge(many)
    # Of those asked side by side, any may be the first to arrive.
    assert outcomes.count(SEVEN) == 1 and len(server.requests) < 20
    (reason,) = {one.reason for one in outcomes if isinstance(one, NoVerdict) and "not asked" in one.reason}
    assert reason.startswith("not asked, as the server kept failing (") and "refuses the key" in reason
    server.troubles = []
    assert judge_at(server, tmp_path).judge(many) == [SEVEN] * 40


def test_requests_go_side_by_side(server, tmp_path):
    server.delay = 0.05
    judge_at(server, tmp_path, concurrency=3).judge(PAIRS)
    assert 1 < server.most <= 3


def test_an_empty_answer_is_not_asked_about(server, tmp_path):
    (outcome,) = judge_at(server, tmp_path).judge([AnswerPair("What?", "A baker.", "baker", " ")])
    assert outcome == JudgeVerdict(1, "no answer") and not server.requests


def test_a_concurrency_of_nothing_is_refused(server, tmp_path):
    with pytest.raises(UserError, match="expected at least 1 request"):
        judge_at(server, tmp_path, concurrency=0)


def test_a_kill_loses_no_verdict_that_came(server, tmp_path):
    def killed(done, total):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judge_at(server, tmp_path).judge(PAIRS, killed)
    assert len(judge_at(server, tmp_path).unjudged(PAIRS)) <= 2


def test_the_estimate_counts_tokens_and_their_price():
    """Four characters more of an answer are one token more; 40 tokens are replied, at most 200."""
    short, long = (estimate_cost([AnswerPair("What?", "A baker.", "", "a" * size)]) for size in (8, 12))
    assert long.tokens_in - short.tokens_in == 1
    assert (short.requests, short.tokens_out, short.most_tokens_out) == (1, 40, 200)
    usual, most = estimate_cost([]).price(1, 1)
    assert usual == most == 0
    assert short.price(0, 1_000_000) == (40, 200)


@pytest.mark.parametrize("start", ['{"reason": "right", "score": 1', "Score: 1"])
def test_the_beginning_of_a_number_is_no_score(server, tmp_path, start):
    """A reply that breaks off behind the 1 of 10 is asked for again, and not kept."""
    server.troubles = [completion(start, "length"), '{"reason": "right", "score": 10}']
    assert judge_at(server, tmp_path).judge(PAIRS[:1]) == [JudgeVerdict(10, "right")]


def test_a_score_before_the_cut_counts(server, tmp_path):
    server.troubles = [completion('{"score": 8, "reason": "nearly', "length")]
    (verdict,) = judge_at(server, tmp_path).judge(PAIRS[:1])
    assert verdict.score == 8
