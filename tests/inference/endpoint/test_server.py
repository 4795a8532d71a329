"""Protects: a server that stumbles is asked again, and one that fails is told in one sentence."""

import sys
import time
from email.utils import formatdate

import pytest

from mllmu.errors import UserError
from mllmu.inference import Request
from mllmu.inference.endpoint import EndpointEngine, connect, is_url
from mllmu.models import Prompt, user_turn

QUESTIONS = [
    Request(user_turn(text), max_new_tokens=4) for text in ("lives in Riga", "likes soup", "works as")
]


def test_stumbling_changes_no_answer(server, engine):
    """Too many requests, errors of the server, and connections that end without a word."""
    expected = engine.generate(QUESTIONS)
    server.requests.clear()
    server.troubles = [429, 500, "drop", 503, 429]
    assert engine.generate(QUESTIONS) == expected
    assert server.troubles == []
    assert len(server.requests) == len(QUESTIONS)


def test_a_server_that_never_recovers(server, engine):
    server.troubles = [503] * 100
    with pytest.raises(UserError, match=f"{server.url} failed.*asked 7 times"):
        engine.generate(QUESTIONS[:1])
    assert len(server.troubles) == 100 - 7


def test_a_server_that_asks_for_more_patience_than_there_is(server, engine):
    """The client asks once, and the message does not say that it asked again."""
    server.retry_after, server.troubles = "600", [429]
    with pytest.raises(UserError, match="asks to wait for 600 s"):
        engine.generate(QUESTIONS[:1])


@pytest.fixture
def hasty(monkeypatch):
    """A client that waits hardly a moment, and asks twice."""
    monkeypatch.setattr("mllmu.inference.endpoint.server._SECONDS_PER_ANSWER", 0.2)
    monkeypatch.setattr("mllmu.inference.endpoint.server._RETRIES", 1)


def test_a_server_that_says_nothing(server, hasty):
    server.troubles = ["hang"] * 3
    sentence = rf"{server.url} gave no answer within 0\.2 s, 2 times; expected one that answers sooner"
    with pytest.raises(UserError, match=sentence):
        EndpointEngine(connect(server.url)).generate(QUESTIONS[:1])
    assert server.troubles == ["hang"]


def test_models_that_are_never_listed(server, monkeypatch):
    """Which is asked for twice, however often answers are."""
    monkeypatch.setattr("mllmu.inference.endpoint.server._SECONDS_PER_ANSWER", 0.2)
    server.listing_trouble = "hang"
    with pytest.raises(UserError, match=r"gave no answer within 0\.2 s, 2 times"):
        connect(server.url)
    server.listing_trouble = 503
    with pytest.raises(UserError, match=r"failed \(.*not now.*\), although it was asked 2 times"):
        connect(server.url)


def test_a_request_that_the_server_does_not_take(server, engine):
    """Once, as it would not take it later either."""
    server.troubles = [400, 400]
    with pytest.raises(UserError, match=rf"{server.url} refuses a request \(.*not now.*\)"):
        engine.generate(QUESTIONS[:1])
    assert server.troubles == [400]


@pytest.mark.parametrize("status", [402, 405, 413, 451])
def test_what_the_client_does_not_ask_again_is_not_told_as_asked_again(server, engine, status):
    server.troubles = [status] * 3
    with pytest.raises(UserError, match=r"refuses the request \(.*not now.*\); it was not asked again"):
        engine.generate(QUESTIONS[:1])
    assert server.troubles == [status] * 2


def test_a_server_may_say_by_a_date_how_long_to_wait(server, engine):
    server.retry_after = formatdate(time.time() + 3600, usegmt=True)
    server.troubles = [503] * 9
    with pytest.raises(UserError, match=r"asks to wait for 3[56]\d\d s"):
        engine.generate(QUESTIONS[:1])


def test_a_server_words_its_prompts_itself(server, engine):
    with pytest.raises(
        UserError, match=rf"{server.url} takes conversations, .* expected the protocol 'strict'"
    ):
        engine.generate([Request(Prompt("USER: Who?\nASSISTANT:"), max_new_tokens=2)])
    assert not server.requests


def test_the_client_is_an_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(UserError, match=r"needs the openai client; install it with: pip install 'mllmu\[end"):
        connect("http://127.0.0.1:9/v1")


def test_the_first_error_ends_the_others(server):
    """A wrong name is wrong for all: thousands of requests are not sent to hear it again."""
    server.models = ["another"]
    asked = EndpointEngine(connect(server.url, "small"), concurrency=1)
    calls = []
    with pytest.raises(UserError, match="does not know the model"):
        asked.generate(QUESTIONS * 50, progress=lambda done, total: calls.append(done))
    assert calls == []


def test_an_answer_without_content_is_not_taken_for_silence(server, engine):
    server.troubles = ["garbage"]
    with pytest.raises(UserError, match="sent no answer"):
        engine.generate(QUESTIONS[:1])


@pytest.mark.parametrize(
    "entry", [{}, {"7": {"rank": None, "logprob": -1.0}}, {"seven": {"rank": 1, "logprob": -1.0}}]
)
def test_log_probabilities_of_an_unknown_form(engine, entry, monkeypatch):
    monkeypatch.setattr(
        "tests.inference.endpoint.local_server.prompt_logprobs",
        lambda logits, ids, tokenizer: [entry] * (len(ids) - 1),
    )
    with pytest.raises(UserError, match="prompt_logprobs cannot be read"):
        engine.score([Request(user_turn("lives in"), "Riga")])


def test_nobody_listens():
    with pytest.raises(UserError, match="cannot be reached"):
        connect("http://127.0.0.1:9/v1")


def test_the_key_comes_from_the_environment(server, monkeypatch):
    server.key = "sesame"
    monkeypatch.setenv("OPENAI_API_KEY", "wrong")
    refused = "refuses the key; expected one that it accepts in OPENAI_API_KEY"
    with pytest.raises(UserError, match=refused) as raised:
        EndpointEngine(connect(server.url)).generate(QUESTIONS[:1])
    assert "sesame" not in str(raised.value) and "wrong" not in str(raised.value)
    monkeypatch.setenv("OPENAI_API_KEY", "sesame")
    assert EndpointEngine(connect(server.url)).generate(QUESTIONS[:1])


@pytest.mark.parametrize("key", ["s\u00e9same", "open sesame", "sesame\n"])
def test_a_key_that_no_header_holds_is_told_before_anything_is_sent(server, monkeypatch, key):
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(UserError, match="OPENAI_API_KEY has a character that no key has") as raised:
        connect(server.url)
    assert "same" not in str(raised.value)


def test_the_only_model_needs_no_name(server):
    assert connect(server.url).model == "small"
    server.models = ["one", "two"]
    with pytest.raises(UserError, match=r"serves 2 models \(one, two\).*--model-name"):
        connect(server.url)
    assert connect(server.url, "two").model == "two"


def test_what_is_a_url():
    assert is_url("http://localhost:8000/v1") and is_url("https://example.org/v1")
    assert not is_url("tiny") and not is_url("models/http") and not is_url("owner/name")


@pytest.mark.parametrize("user", ["bob:s3cret@", "s3cret@"])
def test_passwords_in_a_url_are_refused_and_not_repeated(user):
    """They would stand in notes, titles and messages."""
    with pytest.raises(UserError, match="OPENAI_API_KEY") as refused:
        connect(f"http://{user}127.0.0.1:8000/v1")
    assert "s3cret" not in str(refused.value)
