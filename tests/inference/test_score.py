import logging
from dataclasses import replace

import pytest
import torch

from mllmu.inference import Request, TransformersEngine
from mllmu.inference.in_memory import transformers_engine as engine_module
from mllmu.inference.prefix_sharing import SharedPrefixes
from mllmu.models import Conversation, Message, chat_prompt

from .conftest import LIMITS, picture


@torch.inference_mode()
def directly(loaded, request):
    """Log-probabilities and argmaxes of one request from one plain forward pass."""
    encoded = loaded.encoder.encode(request.prompt, request.answer)
    logits = loaded.model(input_ids=encoded.input_ids[None], **encoded.vision).logits[0, :-1]
    here = encoded.answer_mask[1:]
    targets = encoded.input_ids[1:][here]
    log_probs = logits.log_softmax(-1)[here].gather(1, targets[:, None])[:, 0]
    return log_probs, logits[here].argmax(-1), targets


def assert_same(scores, loaded, requests):
    for one, request in zip(scores, requests, strict=True):
        log_probs, argmax, targets = directly(loaded, request)
        torch.testing.assert_close(torch.tensor(one.log_probs), log_probs, atol=1e-4, rtol=0)
        assert one.argmax == tuple(argmax.tolist())
        assert one.is_argmax == tuple((argmax == targets).tolist())


@pytest.mark.parametrize("limits", LIMITS)
def test_scores_equal_one_plain_forward_pass_each(loaded, requests, limits):
    """Sharing prompts and batching must not change a single score, whatever the batch size."""
    assert_same(TransformersEngine(loaded, limits).score(requests), loaded, requests)


@pytest.mark.parametrize("limits", LIMITS[1:])
def test_demonstrations_are_read_once(loaded, limits):
    """Few-shot prompts share pictures and text before the person's own picture; each is computed once.

    Two demonstrations, three people, two questions, two answers. Each distinct token is computed once but for
    padding, and each of the five pictures goes through the vision tower once.
    """
    shown = [picture(20 + number) for number in range(5)]
    turns = []
    for number in (0, 1):
        turns += [Message("user", "this person lives in", (shown[number],)), Message("assistant", "Riga")]
    requests = [
        Request(Conversation((*turns, Message("user", question, (person,)))), answer)
        for person in shown[2:]
        for question in ("this person works as", "this person likes")
        for answer in ("nurse", "soup and cats")
    ]
    engine = TransformersEngine(loaded, limits)
    scores = engine.score(requests)
    rendered = [replace(one, prompt=engine.render(one.prompt)) for one in requests]
    assert_same(scores, loaded, rendered)
    statistics = engine.statistics
    assert statistics.pictures == len(shown)
    lengths = [len(loaded.encoder.encode(one.prompt, one.answer)) - 1 for one in rendered]
    assert statistics.requested == sum(lengths)
    assert statistics.distinct < statistics.requested / 3
    if limits.row_tokens > 16:
        assert statistics.computed - statistics.padding == statistics.distinct


def test_questions_about_one_portrait_share_it(loaded):
    """Rows that hold several questions must keep them apart, though all see the same picture tokens."""
    image = picture(9)
    requests = [
        Request(chat_prompt(loaded.processor, f"{subject} lives in", (image,)), answer)
        for subject in ("this person", "this nurse", "Riga")
        for answer in ("Paris", "Paris and London", "Paris")
    ]
    assert_same(TransformersEngine(loaded).score(requests), loaded, requests)


def test_a_shared_system_prompt_before_a_picture_is_kept_apart(loaded):
    """Two prompts about one picture that differ before it must not share its tokens."""
    image = picture(9)
    requests = [
        Request(chat_prompt(loaded.processor, "this person lives in", (image,), system), "Paris")
        for system in (
            "",
            "likes cats and soup and works as teacher",
            "likes cats and soup and works as nurse",
        )
    ]
    assert_same(TransformersEngine(loaded).score(requests), loaded, requests)


def test_models_that_cannot_branch_are_scored_row_by_row(loaded, requests, monkeypatch, caplog):
    """The fallback gives the same scores and says once that it is in use."""
    monkeypatch.setattr(engine_module, "sharing_engine", lambda *_: None)
    engine = TransformersEngine(loaded)
    with caplog.at_level(logging.INFO):
        assert_same(engine.score(requests[:9]), loaded, requests[:9])
        engine.score(requests[:2])
    assert len(caplog.records) == 1


def test_soft_capped_logits_are_those_of_the_whole_model(loaded, requests, monkeypatch):
    """Some models, e.g. Gemma 2, change logits after the output layer: t = 2 tanh(logit / 2)."""
    plain = TransformersEngine(loaded).score(requests[:9])
    forward = loaded.model.forward

    def capped(*args, **inputs):
        made = forward(*args, **inputs)
        made.logits = 2 * torch.tanh(made.logits / 2)
        return made

    monkeypatch.setattr(loaded.model, "forward", capped)
    engine = TransformersEngine(loaded)
    assert isinstance(engine.backend, SharedPrefixes)
    scores = engine.score(requests[:9])
    assert_same(scores, loaded, requests[:9])
    assert (
        max(abs(one.log_probs[0] - other.log_probs[0]) for one, other in zip(scores, plain, strict=True))
        > 0.1
    )


def test_progress_counts_every_request_once(loaded, requests):
    calls = []
    TransformersEngine(loaded, LIMITS[1]).score(requests, lambda done, total: calls.append((done, total)))
    assert calls[-1] == (len(requests), len(requests))
    assert len(calls) == len(set(calls)) > 1
    assert calls == sorted(calls)


def test_nothing_asked_nothing_said(loaded):
    engine = TransformersEngine(loaded)
    assert engine.score([]) == []
    assert engine.generate([]) == []
