"""What servers may send: answers, missing answers, or one sentence that names the server."""

import json
from importlib import import_module

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mllmu.inference import Request
from mllmu.inference.endpoint import EndpointEngine, server
from mllmu.inference.endpoint.server import Server
from mllmu.models import user_turn

from .odd_values import JSON, mutated
from .properties import made_or_refused

# The HTTP library that openai talks through; its name changed with a version.
httpx = import_module(openai.DefaultHttpxClient.__mro__[1].__module__.partition(".")[0])

URL = "http://fuzz.test/v1"
ENTRIES = [
    None,
    {"5": {"logprob": -0.5, "rank": 1}},
    {"6": {"logprob": -1.5, "rank": 2}, "7": {"logprob": -0.1, "rank": 1}},
    {"2": {"logprob": -0.1, "rank": 1}},
]
REPLY = {
    "id": "1",
    "object": "chat.completion",
    "model": "small",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "<think>x</think>Riga"},
        }
    ],
    "usage": {"prompt_tokens": 2, "completion_tokens": 1, "total_tokens": 3},
    "prompt_logprobs": ENTRIES,
    "data": [{"id": "small", "owned_by": "me"}],
}
BODIES = st.one_of(
    mutated(REPLY).map(json.dumps).map(str.encode),
    JSON.map(json.dumps).map(str.encode),
    st.tuples(st.just(json.dumps(REPLY).encode()), st.integers(0, 400)).map(lambda cut: cut[0][: cut[1]]),
    st.binary(max_size=20),
    st.sampled_from([b"[" * 20000, b"1" * 5000, b"<html>\n<p>busy</p>\n" * 400, '"é"'.encode("utf-16")]),
    st.just(json.dumps(REPLY).replace("Riga", "\\\\ud800").replace("\\\\", "\\").encode()),
)
HEADERS = st.sampled_from(
    [
        {"content-type": "application/json"},
        {"content-type": "application/json"},
        {"content-type": "text/html"},
        {"content-type": "application/json; charset=nonsense"},
        {"content-type": "application/json", "content-encoding": "gzip"},
        {"location": "http://[::bad", "content-type": "application/json"},
        {},
    ]
)
REPLIES = st.tuples(
    st.sampled_from([200] * 8 + [204, 302, 400, 401, 404, 422, 429, 500, 503, 599]), HEADERS, BODIES
)


class Odd:
    """A server that sends the same replies over and over."""

    def __init__(self, replies):
        self.replies = replies
        self.sent = 0

    def __call__(self, request):
        status, headers, body = self.replies[self.sent % len(self.replies)]
        self.sent += 1
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))


@pytest.fixture(scope="module")
def engine_of():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "_SECONDS_BEFORE_ANOTHER_TRY", 0)
        patch.setattr("openai._base_client.BaseClient._calculate_retry_timeout", lambda *_, **__: 0)
        transport = httpx.MockTransport(lambda request: transport.handle(request))
        http = httpx.Client(transport=transport)
        client = openai.OpenAI(base_url=URL, api_key="none", max_retries=0, http_client=http)

        def made(replies):
            transport.handle = Odd(replies)
            return EndpointEngine(Server(URL, "small", client), concurrency=1)

        yield made


@given(st.lists(REPLIES, min_size=1, max_size=3))
def test_answers_are_texts_or_missing(engine_of, replies):
    requests = [Request(user_turn("Who?"), max_new_tokens=4), Request(user_turn("Where?"), max_new_tokens=4)]
    answers = made_or_refused(lambda: engine_of(replies).generate(requests), URL)
    for answer in answers or ():
        assert answer is None or (answer.strip() == answer != "" and answer.encode())


@given(st.lists(REPLIES, min_size=1, max_size=5))
def test_scores_are_numbers(engine_of, replies):
    scores = made_or_refused(lambda: engine_of(replies).score([Request(user_turn("Who?"), "Riga")]))
    for score in scores or ():
        assert len(score.log_probs) == len(score.is_argmax) == len(score.argmax) >= 2
        assert not any(one != one for one in score.log_probs)


@given(st.lists(REPLIES, min_size=1, max_size=2))
def test_lists_of_models_are_read_or_refused(engine_of, replies):
    made_or_refused(lambda: engine_of(replies).identity, URL)
