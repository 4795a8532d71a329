"""Protects: processes together answer what one answers, each request once."""

import json
from pathlib import Path

import pytest

from mllmu.errors import UserError
from mllmu.inference import AnswerStore, CachedEngine, Request, TransformersEngine, parallel_processes
from mllmu.inference.in_memory.entry import Entry
from mllmu.models import Prompt, user_turn
from mllmu.processes import is_main_process, process_rank
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


class Dealt:
    """Shares requests out by their numbers as `TransformersEngine` does, and answers with their own words."""

    def __init__(self, identity):
        self.identity = identity

    def render(self, prompt):
        return Prompt(prompt.messages[0].text)

    def generate(self, requests, scored=None, progress=None):
        entries = [Entry(number, one, self.render(one.prompt), ()) for number, one in enumerate(requests)]
        share = parallel_processes.own_share(entries, "<image>")
        answers = parallel_processes.from_all({one.index: f"to {one.prompt.text}" for one in share})
        return [answers[number] for number in range(len(requests))]


CACHING = """
import json
from tests.inference.test_parallel_processes import cached
print(json.dumps(cached({folder!r})))
"""


def cached(folder):
    """Ask eight questions, of which this process's own store holds one or two; then of two models."""
    rank = process_rank()
    requests = [Request(user_turn(f"question {number}")) for number in range(8)]
    store = AnswerStore(Path(folder) / f"{rank}.sqlite")
    engine = CachedEngine(Dealt("one"), store)
    keys = engine._keys("generate", requests, lambda one: [one.max_new_tokens, one.stop.value])
    store.add({keys[number]: "stored" for number in range(rank + 1)})
    answers = engine.generate(requests)
    with pytest.raises(UserError) as refused:
        CachedEngine(Dealt(f"model {rank}"), store).generate(requests)
    return answers, len(store.find(keys)), str(refused.value)


def test_processes_with_different_stores_take_no_answer_for_anothers(tmp_path):
    """As where another evaluation writes between two looks, or two machines share no disk."""
    first, second = (json.loads(printed) for printed in run_together(CACHING.format(folder=str(tmp_path))))
    assert first[0] == second[0] == ["stored", *(f"to question {number}" for number in range(1, 8))]
    assert (first[1], second[1]) == (8, 2)  # of the second process's store nobody makes use
    assert first[2] == second[2] and first[2].startswith("Process 1 has other models, kinds of device or")
