"""Protects: a server that others wrote (`transformers serve`) gives the built-in model's own answers."""

import socket
import time
from importlib import resources

import pytest

from mllmu.errors import UserError
from mllmu.inference import Request, TransformersEngine
from mllmu.inference.endpoint import EndpointEngine, connect
from mllmu.models import load_model, user_turn
from tests.inference.conftest import picture
from tests.together import free_port

FOLDER = str(resources.files("mllmu.models") / "tiny" / "weights")


def listens(port):
    with socket.socket() as connection:
        return connection.connect_ex(("localhost", port)) == 0


@pytest.fixture(scope="module")
def engine():
    from transformers.cli.serve import Serve

    port = free_port()
    server = Serve(
        FOLDER,
        device="cpu",
        dtype="float32",
        port=port,
        log_level="error",
        model_timeout=-1,
        non_blocking=True,
    )
    until = time.monotonic() + 60
    while not listens(port):
        assert time.monotonic() < until, "the server has not begun to listen"
        time.sleep(0.05)
    yield EndpointEngine(connect(f"http://localhost:{port}/v1", FOLDER), concurrency=4)
    server.kill_server()


def test_the_answers_are_those_of_the_model_in_memory(engine):
    questions = ["Where does this person live?", "What does this person do for a living?", "Who is this?"]
    requests = [
        Request(user_turn(text, images), max_new_tokens=8)
        for text in questions
        for images in ((), (picture(1),), (picture(2),))
    ]
    expected = TransformersEngine(load_model("tiny", "cpu")).generate(requests)
    assert len(set(expected)) > 3
    assert engine.generate(requests) == expected


def test_it_gives_no_log_probabilities(engine):
    assert not engine.can_score
    with pytest.raises(UserError, match="prompt_logprobs"):
        engine.score([Request(user_turn("Where?"), "Riga")])
