import copy
import math
from dataclasses import replace

import pytest
import torch

from mllmu.inference import Limits, Request, Stop, TransformersEngine
from mllmu.inference.in_memory import transformers_engine as engine_module
from mllmu.inference.prefix_sharing.prefix_reader import PrefixReader
from mllmu.inference.prefix_sharing.shared_prefixes import SharedPrefixes
from mllmu.models import Conversation, Message, Prompt, chat_prompt, user_turn, wrap_model

from .conftest import LIMITS, WORDS, picture


@torch.inference_mode()
def directly(loaded, request):
    """One prompt through the model's own generate, undecorated."""
    encoded = loaded.encoder.encode(request.prompt)
    ids = encoded.input_ids[None]
    written = loaded.model.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        do_sample=False,
        max_new_tokens=request.max_new_tokens,
        pad_token_id=loaded.encoder.pad_id,
        **encoded.vision,
    )
    return loaded.processor.tokenizer.decode(written[0, ids.shape[1] :], skip_special_tokens=True).strip()


@pytest.fixture(scope="module")
def expected(loaded, requests):
    return [directly(loaded, request) for request in requests]


@pytest.mark.parametrize("limits", LIMITS)
def test_batches_write_what_single_requests_write(loaded, requests, expected, limits):
    """Shared prefixes, mixed lengths and mixed answer lengths must not change an answer."""
    assert len(set(expected)) > 5
    assert TransformersEngine(loaded, limits).generate(requests) == expected


@pytest.mark.parametrize("limits", LIMITS)
def test_what_memory_held_before_is_never_seen(loaded, requests, expected, limits, monkeypatch):
    """Room for keys and values is not cleared, and NaN would come through the mask."""
    made = torch.Tensor.new_empty
    monkeypatch.setattr(torch.Tensor, "new_empty", lambda *size: made(*size).fill_(torch.nan))
    engine = TransformersEngine(loaded, limits)
    assert engine.generate(requests) == expected
    scores = engine.score([replace(request, answer="a nurse") for request in requests])
    assert not any(math.isnan(value) for one in scores for value in one.log_probs)


def test_models_that_cannot_branch_write_the_same(loaded, requests, expected, monkeypatch):
    """Left padding must not change an answer."""
    monkeypatch.setattr(engine_module, "sharing_engine", lambda *_: None)
    assert TransformersEngine(loaded, LIMITS[2]).generate(requests) == expected
    letters = [replace(request, stop=Stop.FIRST_CHARACTER) for request in requests]
    stopped = TransformersEngine(loaded, LIMITS[2]).generate(letters)
    assert [text[:1] for text in stopped] == [text[:1] for text in expected]
    assert sum(map(len, stopped)) < sum(map(len, expected)) / 2


def test_every_answer_goes_its_own_way(loaded):
    """Answers that end at different times: rows without open answers are dropped, others grow."""
    images = [picture(number) for number in range(6)]
    asked = [
        Request(chat_prompt(loaded.processor, "this person lives in", (image,)), max_new_tokens=length)
        for image, length in zip(images, [1, 2, 3, 5, 8, 40], strict=True)
    ]
    asked += [replace(asked[5], max_new_tokens=3), asked[0]]
    engine = TransformersEngine(loaded, replace(LIMITS[3], row_tokens=16))
    assert engine.generate(asked) == [directly(loaded, one) for one in asked]


def test_running_out_of_memory_costs_time_only(loaded, requests, expected, monkeypatch):
    """Halves of a batch are tried again, after the prefix they share."""
    step = PrefixReader.forward

    def small(self, symbols, *others):
        if symbols.shape[0] > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return step(self, symbols, *others)

    monkeypatch.setattr(PrefixReader, "forward", small)
    assert TransformersEngine(loaded, replace(LIMITS[3], row_tokens=16)).generate(requests) == expected


def test_a_prefix_that_does_not_fit_is_read_in_pieces(loaded, monkeypatch):
    """Only reading the demonstrations takes more than 20 tokens at once here."""
    shown = Message("user", "this person lives in Riga and works as nurse", (picture(1),))
    asked = [
        Request(Conversation((shown, Message("assistant", "Riga"), user)), max_new_tokens=4)
        for user in (Message("user", f"{word} likes", (picture(2),)) for word in WORDS[:6])
    ]
    limits = Limits(row_tokens=20, batch_tokens=60, batch_rows=1, memory=2**28)
    expected = TransformersEngine(loaded, limits).generate(asked)
    step, refused = PrefixReader.forward, []

    def small(self, symbols, *others):
        if symbols.shape[1] > 20:
            refused.append(symbols.shape[1])
            raise RuntimeError("can't allocate memory")
        return step(self, symbols, *others)

    monkeypatch.setattr(PrefixReader, "forward", small)
    engine = TransformersEngine(loaded, limits)
    # The trial, whose own rows are wider, is not what is tested here.
    engine.backend = SharedPrefixes(loaded, False, limits, engine.statistics)
    assert engine.generate(asked) == expected
    assert refused


def test_prompts_of_a_model_without_a_chat_template(loaded):
    """The official prompts are given as they are and need none."""
    processor = copy.copy(loaded.processor)
    processor.chat_template = None
    bare = wrap_model(loaded.model, processor, "bare")
    request = Request(Prompt("USER: <image>\nthis person\nASSISTANT:", (picture(1),)), max_new_tokens=5)
    engine = TransformersEngine(bare)
    assert isinstance(engine.backend, SharedPrefixes)
    assert engine.generate([request]) == TransformersEngine(loaded).generate([request])


def test_scores_are_a_shortcut_and_change_nothing(loaded, requests):
    """Whether the scored answer is wrong or exactly what the model would write, the text is the same."""
    engine = TransformersEngine(loaded)
    expected = engine.generate(requests)
    assert engine.generate(requests, engine.score(requests)) == expected
    own = [
        Request(one.prompt, text, one.max_new_tokens) for one, text in zip(requests, expected, strict=True)
    ]
    assert engine.generate(own, engine.score(own)) == expected


def test_progress_counts_every_request_once(loaded, requests):
    engine, calls = TransformersEngine(loaded, LIMITS[2]), []
    engine.generate(requests, engine.score(requests), lambda done, total: calls.append((done, total)))
    assert calls[-1] == (len(requests), len(requests))
    assert calls == sorted(calls)


def test_a_conversation_is_worded_with_the_models_own_template(loaded):
    """Whoever asks need not know the model: a conversation gives what its rendered text gives."""
    polite = loaded.with_system_prompt("Be kind.")
    engine = TransformersEngine(polite)
    conversation = user_turn("this person lives in", (picture(0),))
    text = chat_prompt(loaded.processor, "this person lives in", (picture(0),), "Be kind.")
    assert engine.render(conversation) == text == engine.render(text)
    answers = engine.generate([Request(one, max_new_tokens=5) for one in (conversation, text)])
    assert answers[0] == answers[1] and answers[0]
    scores = engine.score([Request(one, "Paris") for one in (conversation, text)])
    assert scores[0] == scores[1]


def test_a_letter_is_read_alike_from_the_stopped_and_from_the_full_answer(loaded, requests):
    """Stopping at the first visible character must not change what a parser of letters makes of it."""
    engine = TransformersEngine(loaded, LIMITS[2])
    full = engine.generate(requests)
    letters = [replace(request, stop=Stop.FIRST_CHARACTER) for request in requests]
    stopped = engine.generate(letters)
    assert [text[:1] for text in stopped] == [text[:1] for text in full]
    assert [one for one, text in zip(stopped, full, strict=True) if not text.startswith(one)] == []
    assert sum(map(len, stopped)) < sum(map(len, full)) / 2
    assert engine.generate(letters, engine.score(letters)) == stopped
