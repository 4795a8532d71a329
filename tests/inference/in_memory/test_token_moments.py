"""Protects the moments of predictions: values by hand, and the same whatever is computed beside them."""

import math
from dataclasses import replace

import pytest
import torch

from mllmu.inference import Extra, TransformersEngine
from mllmu.inference.in_memory import transformers_engine as engine_module
from mllmu.inference.in_memory.token_moments import token_moments
from tests.inference.conftest import LIMITS
from tests.inference.test_score import assert_same

ASKED = frozenset({Extra.TOKEN_MOMENTS})


def test_moments_worked_out_by_hand():
    """Of p = (1/2, 1/4, 1/4), log p is -1, -2 and -2 times ln 2.

    Mean: -(1/2 + 2/4 + 2/4) ln 2 = -1.5 ln 2. Distances from it are .5, -.5 and -.5 times ln 2, so that the
    standard deviation is .5 ln 2. What is added to all logits changes nothing.
    """
    logits = torch.tensor([[0.5, 0.25, 0.25]]).log() + 7
    ((mean, deviation),) = token_moments(logits)
    assert mean == pytest.approx(-1.5 * math.log(2), abs=1e-6)
    assert deviation == pytest.approx(0.5 * math.log(2), abs=1e-6)


def test_tokens_that_are_ruled_out_count_nothing():
    """Even of two, certain of one: log p is the same wherever p is not 0."""
    out = -math.inf
    even, certain, far = token_moments(torch.tensor([[3.0, 3, out], [out, 2, out], [0.0, -1e30, -1e30]]))
    assert even == pytest.approx((-math.log(2), 0), abs=1e-6)
    assert certain == far == (0, 0)


def test_a_sure_prediction_keeps_its_small_deviation():
    """p = 1 - e, e / 2, e / 2 with e = 2e-8: about sqrt(e) times |ln 1e-8|, not the rounding of 1."""
    ((_, deviation),) = token_moments(torch.tensor([[0.0, math.log(1e-8), math.log(1e-8)]]))
    assert deviation == pytest.approx(math.sqrt(2e-8) * -math.log(1e-8), rel=1e-3)


def test_long_lists_are_as_single_predictions():
    """Many at once are computed in parts."""
    logits = torch.randn(600, 11, generator=torch.Generator().manual_seed(0)) * 4
    alone = [token_moments(row[None])[0] for row in logits]
    assert torch.tensor(token_moments(logits)) == pytest.approx(torch.tensor(alone), abs=1e-6)


@torch.inference_mode()
def directly(loaded, request):
    """Moments of one request from one plain forward pass: minus the entropy, and in double precision."""
    encoded = loaded.encoder.encode(request.prompt, request.answer)
    logits = loaded.model(input_ids=encoded.input_ids[None], **encoded.vision).logits[0, :-1]
    prediction = torch.distributions.Categorical(logits=logits[encoded.answer_mask[1:]].double())
    second = (prediction.probs * prediction.logits**2).sum(-1)
    return torch.stack([-prediction.entropy(), (second - prediction.entropy() ** 2).sqrt()], dim=-1)


def assert_as_alone(scores, loaded, requests):
    for one, request in zip(scores, requests, strict=True):
        if not request.extras:
            assert one.moments == ()
            continue
        expected = directly(loaded, request)
        torch.testing.assert_close(torch.tensor(one.moments).double(), expected, atol=2e-4, rtol=0)


@pytest.fixture
def mixed(requests):
    """Every other request asks for moments, so that rows and batches hold both kinds."""
    return [replace(one, extras=ASKED) if number % 2 else one for number, one in enumerate(requests)]


@pytest.mark.parametrize("limits", LIMITS)
def test_shared_prefixes_give_what_one_pass_each_gives(loaded, mixed, limits):
    scores = TransformersEngine(loaded, limits).score(mixed)
    assert_as_alone(scores, loaded, mixed)
    assert_same(scores, loaded, mixed)


@pytest.mark.parametrize("limits", LIMITS[1:])
def test_plain_batches_give_what_one_pass_each_gives(loaded, mixed, limits, monkeypatch):
    """Answers of unequal length are padded, and padding has no moments."""
    monkeypatch.setattr(engine_module, "sharing_engine", lambda *_: None)
    assert_as_alone(TransformersEngine(loaded, limits).score(mixed), loaded, mixed)


def test_asking_for_moments_changes_no_score(loaded, requests):
    plain = TransformersEngine(loaded).score(requests)
    asked = TransformersEngine(loaded).score([replace(one, extras=ASKED) for one in requests])
    assert [replace(one, moments=()) for one in asked] == plain
