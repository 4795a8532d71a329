import json

import pytest

from mllmu.inference import Request, TransformersEngine, parallel_processes
from mllmu.inference.in_memory.entry import Entry
from mllmu.models import Prompt, user_turn
from mllmu.processes import is_main_process
from tests.families import build_family
from tests.together import run_together

from .conftest import picture


def entries():
    """Twelve prompts of equal length, about three pictures by turns."""
    prompts = [Prompt(f"USER: <image> question {index:02}", (picture(index % 3),)) for index in range(12)]
    return [Entry(index, Request(prompt), prompt, ()) for index, prompt in enumerate(prompts)]


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_every_request_is_in_one_share(monkeypatch, count):
    """Whoever shows the same picture stays together, so that it is read in one process."""
    shares = []
    for index in range(count):
        monkeypatch.setenv("WORLD_SIZE", str(count))
        monkeypatch.setenv("RANK", str(index))
        shares.append(parallel_processes.own_share(entries(), "<image>"))
    assert sorted(one.index for share in shares for one in share) == list(range(12))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1
    if count == 3:
        assert all(len({one.prompt.images for one in share}) == 1 for share in shares)


def test_alone_a_process_has_all_and_writes(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    monkeypatch.delenv("RANK", raising=False)
    asked = entries()
    assert parallel_processes.own_share(asked, "<image>") is asked
    assert parallel_processes.from_all({3: "x"}) == {3: "x"}
    assert is_main_process()
    monkeypatch.setenv("RANK", "1")
    assert not is_main_process()


ASKING = """
import json
from tests.inference.test_parallel_processes import asked
written, log_probs, _ = asked()
print(json.dumps([written, log_probs]))
"""


def asked():
    """What the engine says about a few requests, and how many passes it took."""
    engine = TransformersEngine(build_family("llava"))
    requests = [
        Request(user_turn(question, images), "Riga", max_new_tokens=4)
        for images in ((), (picture(1),), (picture(2),))
        for question in ("this person lives in", "this person works as")
    ]
    written, scores = engine.generate(requests), engine.score(requests)
    return written, [one.log_probs for one in scores], engine.statistics.pictures


def test_two_processes_give_what_one_gives():
    """Started as ``accelerate launch`` does, each ends with all answers in the order of the requests."""
    outputs = [json.loads(printed) for printed in run_together(ASKING)]
    written, log_probs, _ = asked()
    for output in outputs:
        assert output[0] == written
        for left, right in zip(output[1], log_probs, strict=True):
            assert left == pytest.approx(right, abs=1e-4)
