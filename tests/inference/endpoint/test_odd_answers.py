"""Protects: what a server sends in place of an answer is missing and counted, or refused in one sentence."""

import logging

import pytest

from mllmu.errors import UserError
from mllmu.inference import AnswerStore, CachedEngine, Request
from mllmu.inference.endpoint import EndpointEngine, connect
from mllmu.inference.endpoint.prompt_scores import scores_from_entries
from mllmu.models import user_turn

from .local_server import completion

QUESTIONS = [
    Request(user_turn(text), max_new_tokens=4) for text in ("lives in Riga", "likes soup", "works as")
]
MISSING = {
    "empty content": completion(""),
    "blank": completion(" \n"),
    "null": completion(None),
    "no content at all": {"choices": [{"message": {"role": "assistant"}}]},
    "an empty list": completion([]),
    "content filter": completion("Riga", "content_filter"),
    "an error on the way": completion("Ri", "error"),
    "given up": completion("Ri", "abort"),
    "no room": completion("Ri", "insufficient_system_resource"),
    "a tool in place of an answer": completion("I shall look", "tool_calls"),
    "refusal": completion(None, refusal="I cannot help with that."),
    "a refusal as a part": completion([{"type": "refusal", "refusal": "I cannot help with that."}]),
    "reasoning as the only part": completion([{"type": "reasoning", "text": "Riga, I think"}]),
    "only reasoning": completion(None, "length", reasoning_content="Riga, I think"),
    "reasoning of another name": completion("", reasoning="Riga"),
    "a thought without end": completion("<think>Riga? I", "length"),
    "a thought and nothing after": completion("<think>Riga</think>\n"),
}
ANSWERS = {
    "a thought before": completion("<think>Oslo?\nNo.</think>\n\nRiga"),
    "a thought opened in the prompt": completion("Oslo? No.</think>Riga"),
    "reasoning beside": completion("Riga", reasoning_content="Oslo? No."),
    "reasoning as a part": completion(
        [{"type": "reasoning", "text": "Oslo? No."}, {"type": "output_text", "text": "Riga"}]
    ),
    "thinking as a part": completion(
        [{"type": "thinking", "thinking": [{"type": "text", "text": "Oslo?"}]}, {"text": "Riga"}]
    ),
    "parts": completion([{"type": "text", "text": "Ri"}, {"type": "text", "text": "ga"}]),
    "cut at the limit": completion("Riga", "length"),
}
GARBLED = {
    "a page": b"<html>please sign in</html>",
    "broken JSON": b'{"choices": [{"mess',
    "nothing": b"",
    "no text": b'{"choices": "\xff"}',
}
WHOLE_AND_OTHER = {
    "a list": b"[]",
    "null": b"null",
    "nesting without end": b"[" * 100_000,
    "a number of thousands of digits": b"1" * 5000,
}


@pytest.fixture
def one_by_one(server):
    return EndpointEngine(connect(server.url), concurrency=1)


@pytest.mark.parametrize("kind", MISSING)
def test_an_answer_that_is_none_is_missing_and_counted(server, one_by_one, caplog, kind):
    server.troubles = [MISSING[kind]]
    answers = one_by_one.generate(QUESTIONS)
    assert answers[0] is None and all(answers[1:])
    assert "1 of 3 answers" in caplog.text and "missing: 1 " in caplog.text


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_is_read_without_what_surrounds_it(server, one_by_one, caplog, kind):
    server.troubles = [ANSWERS[kind]]
    with caplog.at_level(logging.INFO):
        assert one_by_one.generate(QUESTIONS[:1]) == ["Riga"]
    assert ("reasoning" in caplog.text) == any(word in kind for word in ("thought", "reasoning", "thinking"))
    assert ("limit of tokens" in caplog.text) == ("cut" in kind)


def test_a_part_that_refuses_is_told_as_a_refusal(server, one_by_one, caplog):
    server.troubles = [MISSING["a refusal as a part"]]
    one_by_one.generate(QUESTIONS)
    assert "1 refused by the server" in caplog.text


@pytest.mark.parametrize("body", [{"choices": "x"}, {"choices": None}, {}, {"choices": [{"message": None}]}])
def test_a_completion_of_another_form_is_refused(server, one_by_one, body):
    server.troubles = [body]
    with pytest.raises(UserError, match="sent no answer; expected a chat completion"):
        one_by_one.generate(QUESTIONS[:1])


@pytest.mark.parametrize("kind", GARBLED)
def test_a_garbled_response_is_asked_for_again_and_then_refused(server, one_by_one, monkeypatch, kind):
    monkeypatch.setattr("mllmu.inference.endpoint.server._SECONDS_BEFORE_ANOTHER_TRY", 0)
    expected = one_by_one.generate(QUESTIONS)
    server.troubles = [GARBLED[kind]] * 2
    assert one_by_one.generate(QUESTIONS) == expected
    server.troubles = [GARBLED[kind]] * 3
    with pytest.raises(UserError, match=r"3 times; expected a chat completion in JSON"):
        one_by_one.generate(QUESTIONS)


@pytest.mark.parametrize("kind", WHOLE_AND_OTHER)
def test_a_whole_response_of_another_form_is_refused_at_once(server, one_by_one, kind):
    """It would be the same the next time."""
    server.troubles = [WHOLE_AND_OTHER[kind]] * 3
    with pytest.raises(
        UserError, match=r"something else than an answer \(JSON .*; expected a chat completion"
    ):
        one_by_one.generate(QUESTIONS[:1])
    assert len(server.troubles) == 2


def test_a_request_that_cannot_be_written_is_not_tried_again(server):
    """Half a character in a question is no fault of the server's."""
    connected = connect(server.url)
    server.troubles = [500]
    with pytest.raises(UserError, match=r"request to .* cannot be written \(.*surrogates not allowed"):
        connected.chat([{"role": "user", "content": "Who is \ud83d?"}], 4)
    assert server.troubles == [500]


@pytest.mark.parametrize(
    "listing",
    [b"<html></html>", b'{"data": [', b"[]", {"models": []}, {"data": None}, {"data": [{"name": 1}]}],
)
def test_a_list_of_models_of_another_form(server, listing):
    server.listing = listing
    with pytest.raises(UserError, match=r"/models gives no list of models|serves 0 models"):
        connect(server.url)


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http:///v1",
        "http://host:port/v1",
        "http://host:99999/v1",
        "http://[::1/v1",
        "http://a b/v1",
        "http://host/v1?key=1",
        "http://host/\x1b[2J",
        "ftp://host/v1",
    ],
)
def test_a_malformed_url(url):
    with pytest.raises(UserError, match=r"is no URL of a server; expected .*http://localhost:8000/v1"):
        connect(url)


def test_answers_before_a_failure_are_not_asked_for_again(server, one_by_one, tmp_path, monkeypatch):
    monkeypatch.setattr("mllmu.inference.endpoint.server._SECONDS_BEFORE_ANOTHER_TRY", 0)
    expected = one_by_one.generate(QUESTIONS)
    cached = CachedEngine(one_by_one, AnswerStore(tmp_path / "answers.sqlite"))
    server.troubles = [None, None, b"", b"", b""]
    with pytest.raises(UserError, match="something else than an answer"):
        cached.generate(QUESTIONS)
    server.requests.clear()
    assert cached.generate(QUESTIONS) == expected
    assert len(server.requests) == 1


def test_lengths_of_prompts_are_not_stored_as_answers(server, one_by_one, tmp_path):
    spoken = [Request(request.prompt, "Riga") for request in QUESTIONS]
    expected = one_by_one.score(spoken)
    cached = CachedEngine(one_by_one, AnswerStore(tmp_path / "answers.sqlite"))
    server.troubles = [None, {"choices": []}]
    with pytest.raises(UserError, match=r"usage\.prompt_tokens"):
        cached.score(spoken)
    assert cached.score(spoken) == expected


@pytest.mark.parametrize("usage", [{}, "2", {"prompt_tokens": None}, {"prompt_tokens": -2}, [1]])
def test_a_count_of_tokens_that_is_none_is_refused(server, one_by_one, usage):
    assert one_by_one.can_score
    server.troubles = [{**completion("Riga"), "usage": usage}]
    with pytest.raises(UserError, match=r"usage\.prompt_tokens"):
        one_by_one.score([Request(QUESTIONS[0].prompt, "Riga")])


@pytest.mark.parametrize(
    "odd", [{"logprob": float("nan")}, {"rank": float("nan")}, {"rank": float("inf")}, {"rank": "first"}]
)
def test_scores_that_are_no_numbers_are_refused(odd):
    entry = {"5": {"logprob": -1.0, "rank": 1, **odd}}
    with pytest.raises(UserError, match="prompt_logprobs cannot be read"):
        scores_from_entries([entry, entry])


def test_a_missing_answer_is_asked_for_again(server, one_by_one, tmp_path):
    cached = CachedEngine(one_by_one, AnswerStore(tmp_path / "answers.sqlite"))
    server.troubles = [completion(None)]
    assert cached.generate(QUESTIONS[:1]) == [None]
    assert cached.generate(QUESTIONS[:1]) == one_by_one.generate(QUESTIONS[:1])


def test_half_a_character_is_replaced(server, one_by_one):
    """JSON can hold halves of characters, files in UTF-8 cannot."""
    server.troubles = [{"choices": [{"message": {"role": "assistant", "content": "Riga \ud83d"}}]}]
    assert one_by_one.generate(QUESTIONS[:1]) == ["Riga \ufffd"]
