"""Protects gradient norms: of what fine-tuning trains, without dropout, and nothing is left behind."""

import copy
import math
from dataclasses import replace

import pytest
import torch

from mllmu.inference import Extra, Request, TransformersEngine
from mllmu.models import collate, user_turn, wrap_model
from mllmu.training import TrainingSettings
from mllmu.training.trainability import learned_parameters
from mllmu.training.trainers.answer_logits import answer_logits
from tests.inference.conftest import LIMITS, picture
from tests.inference.test_rope_lengths import DYNAMIC, scaled
from tests.inference.test_wrappers import KINDS

ASKED = frozenset({Extra.GRADIENT_NORMS})
REQUESTS = [
    Request(user_turn(text, images), answer, extras=ASKED)
    for images in ((), (picture(1),))
    for text, answer in (("this person lives in", "Riga"), ("cats in Riga", "nurse in London likes cats"))
]


@pytest.fixture
def own(loaded):
    """A copy of the model that a test may change."""
    return wrap_model(copy.deepcopy(loaded.model), loaded.processor, "copy")


def norms(loaded, requests=REQUESTS, limits=None):
    return [one.gradient_norm for one in TransformersEngine(loaded, limits).score(requests)]


def trained_gradients(loaded, request):
    """By the training's own forward pass and by its list of what learns; and the loss."""
    model = copy.deepcopy(loaded.model)
    row = loaded.encoder.encode(loaded.render(request.prompt), request.answer)
    answers = answer_logits(model, collate([row], loaded.encoder.pad_id, "right"))
    loss = torch.nn.functional.cross_entropy(answers.logits, answers.targets)
    loss.backward()
    learned = learned_parameters(model, TrainingSettings())
    gradients = {name: weight.grad for name, weight in model.named_parameters() if name in learned}
    return loss.item(), {name: each for name, each in gradients.items() if each is not None}


def test_it_is_the_norm_of_the_gradient_that_fine_tuning_follows(loaded):
    """Language model, embeddings, output layer and projector; with a picture the projector takes part."""
    for request, norm in zip(REQUESTS, norms(loaded), strict=True):
        _, gradients = trained_gradients(loaded, request)
        squares = sum(float(one.double().square().sum()) for one in gradients.values())
        assert norm == pytest.approx(math.sqrt(squares), rel=1e-4)
        assert any("projector" in name for name in gradients) == bool(request.prompt.images)


def test_a_small_step_along_the_gradient_changes_the_loss_by_the_norm(own):
    """L(w + h g / |g|) - L(w - h g / |g|) = 2 h |g| + O(h^3), whatever computes the gradient."""
    request, step = REQUESTS[-1], 1e-3
    (norm,) = norms(own, [request])
    _, gradients = trained_gradients(own, request)
    losses = []
    for sign in (1, -2):
        with torch.no_grad():
            for name, gradient in gradients.items():
                own.model.get_parameter(name).add_(gradient, alpha=sign * step / norm)
        losses.append(trained_gradients(own, request)[0])
    assert (losses[0] - losses[1]) / (2 * step) == pytest.approx(norm, rel=1e-2)


def test_nothing_is_dropped_at_random(own):
    """Also where somebody has put the model into training mode since the engine was made."""
    expected = norms(own)
    for module in own.model.modules():
        if hasattr(module, "attention_dropout"):
            module.attention_dropout = 0.5
    own.model.train()
    losses = {trained_gradients(own, REQUESTS[0])[0] for _ in range(3)}
    assert len(losses) == 3  # dropout is on, and would show
    engine = TransformersEngine(own)
    own.model.train()
    assert [one.gradient_norm for one in engine.score(REQUESTS)] == pytest.approx(expected, rel=1e-5)


def test_the_model_is_as_before(own):
    """Weights, what requires gradients, and no gradients left; within somebody's `no_grad` as well."""
    frozen = next(own.model.parameters()).requires_grad_(False)
    before = {name: weight.clone() for name, weight in own.model.state_dict().items()}
    flags = [weight.requires_grad for weight in own.model.parameters()]
    with torch.no_grad():
        assert all(norm > 0 for norm in norms(own))
    assert all(torch.equal(before[name], weight) for name, weight in own.model.state_dict().items())
    assert [weight.requires_grad for weight in own.model.parameters()] == flags
    assert not frozen.requires_grad and all(weight.grad is None for weight in own.model.parameters())


def test_together_is_as_alone(loaded):
    """And who does not ask for a norm gets none."""
    mixed = [REQUESTS[0], replace(REQUESTS[1], extras=frozenset()), *REQUESTS[2:]]
    alone = [norms(loaded, [one])[0] for one in mixed]
    assert alone[1] is None
    for limits in LIMITS[1:]:
        assert norms(loaded, mixed, limits) == alone


@pytest.mark.parametrize("kind", KINDS)
def test_what_stands_around_a_model_is_differentiated_too(own, kind):
    """Whoever gets a reply in the model's place learns nothing about any weight."""
    plain = norms(own)
    wrapped = norms(KINDS[kind](own))
    assert wrapped != pytest.approx(plain, rel=1e-3)
    assert all(math.isfinite(norm) for norm in wrapped)
    if kind == "gate":
        is_refused = ["Riga" in str(one.prompt) or bool(one.prompt.images) for one in REQUESTS]
        assert [norm == 0 for norm in wrapped] == is_refused


def test_a_reply_has_the_moments_of_a_draw_from_the_vocabulary(own):
    """Every token has the same log-probability, which is the mean; and scores as asked for alone."""
    request = replace(REQUESTS[1], extras=frozenset({Extra.TOKEN_MOMENTS}))
    (scores,) = TransformersEngine(KINDS["gate"](own)).score([request])
    assert scores.moments == tuple((log_prob, 0.0) for log_prob in scores.log_probs)
    assert scores.gradient_norm is None


def test_a_long_row_before_changes_nothing():
    """Dynamic position embeddings keep those of the longest row so far."""
    loaded = scaled(DYNAMIC)
    short, long = (Request(user_turn(text), "Riga", extras=ASKED) for text in ("cats", "cats and soup " * 20))
    alone = [norms(loaded, [one])[0] for one in (short, long)]
    assert norms(loaded, [long, short]) == pytest.approx(alone[::-1], rel=1e-5)


def test_progress_moves_with_every_norm(loaded):
    calls = []
    TransformersEngine(loaded).score(REQUESTS, lambda *counts: calls.append(counts))
    assert calls == [(done, len(REQUESTS)) for done in range(1, len(REQUESTS) + 1)]
