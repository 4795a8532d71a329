"""What the tests of the endpoint engine share: a server, and conversations of several forms."""

import random

import pytest

from mllmu.inference import Request
from mllmu.inference.endpoint import EndpointEngine, connect
from mllmu.models import Conversation, Message
from tests.inference.conftest import picture, sentence

from .local_server import serving


@pytest.fixture
def server(loaded):
    with serving(loaded) as running:
        yield running


@pytest.fixture
def engine(server):
    return EndpointEngine(connect(server.url))


@pytest.fixture(scope="session")
def spoken():
    """Requests with and without images, and with answered questions before, several answers to each."""
    rng = random.Random(2)
    made = []
    for number in range(6):
        image = (picture(number % 3),) if number % 2 else ()
        said = [Message("user", sentence(rng, 9), image)]
        if number > 3:
            said = [
                *said,
                Message("assistant", sentence(rng, 3)),
                Message("user", sentence(rng, 9), (picture(7),)),
            ]
        conversation = Conversation(tuple(said))
        made += [Request(conversation, sentence(rng, 5), 4 + number % 3) for _ in range(1 + number % 2)]
    return made
