"""Rows of a batch that would change one another's position embeddings."""

import random
from dataclasses import replace

import pytest
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

from mllmu.inference import Request, TransformersEngine
from mllmu.models import chat_prompt
from mllmu.models.inputs.rope_lengths import shared_rope_limit
from tests.families import build_family

from .conftest import LIMITS, picture, sentence

LIMIT = 24
DYNAMIC = {"rope_type": "dynamic", "factor": 8.0, "rope_theta": 10.0}
LONG = {
    "rope_type": "longrope",
    "factor": 8.0,
    "rope_theta": 10.0,
    "short_factor": [1.0] * 8,
    "long_factor": [2.0, 4.0, 8.0, 16.0, 16.0, 16.0, 16.0, 16.0],
    "original_max_position_embeddings": LIMIT,
}


def scaled(rope):
    """A new LLaVA whose frequencies depend on the longest row from `LIMIT` tokens on."""
    loaded = build_family("llava")
    config = loaded.model.config.get_text_config()
    config.max_position_embeddings = LIMIT if rope["rope_type"] == "dynamic" else 4096
    config.rope_parameters = dict(rope)
    loaded.model.model.language_model.rotary_emb = LlamaRotaryEmbedding(config)
    return loaded


@pytest.fixture(scope="module")
def requests():
    """Short and long ones, some of which grow beyond the limit while they are answered."""
    rng, processor = random.Random(4), build_family("llava").processor
    asked = []
    for number, words in enumerate([3, 60, 8, 12, 30, 16, 5, 45, 10, 14]):
        text = " ".join(sentence(rng, 1) for _ in range(words))
        prompt = chat_prompt(processor, text, (picture(number),) if number % 3 == 0 else ())
        asked.append(Request(prompt, sentence(rng, 5), max_new_tokens=8))
    return asked


@pytest.fixture(scope="module", params=[DYNAMIC, LONG], ids=["dynamic", "longrope"])
def rope(request):
    """How frequencies depend on the longest row."""
    return request.param


@pytest.fixture(scope="module")
def alone(requests, rope):
    """The scores and the answer that every request gets from a new model, alone."""
    scores = [TransformersEngine(scaled(rope)).score([one])[0] for one in requests]
    return scores, [TransformersEngine(scaled(rope)).generate([one])[0] for one in requests]


@pytest.mark.parametrize("limits", LIMITS[1:])
def test_rows_do_not_change_one_another(requests, rope, alone, limits):
    """Every request gets together with others what it gets alone."""
    scores, answers = alone
    engine = TransformersEngine(scaled(rope), limits)
    for order in (requests, requests[::-1]):
        together = engine.score(order)
        if order is not requests:
            together.reverse()
        for one, other in zip(together, scores, strict=True):
            assert one.log_probs == pytest.approx(other.log_probs, abs=1e-4)
    assert engine.generate(requests) == answers
    assert engine.generate(requests, engine.score(requests)) == answers
    own = [replace(one, answer=text) for one, text in zip(requests, answers, strict=True)]
    assert engine.generate(own, engine.score(own)) == answers


def test_rows_below_the_limit_share_batches(requests):
    engine = TransformersEngine(scaled(LONG | {"original_max_position_embeddings": 2000}), LIMITS[3])
    engine.score(requests)
    assert engine.statistics.forwards == 1


def test_only_rope_that_depends_on_a_batch_is_detected():
    assert shared_rope_limit(scaled(DYNAMIC).model) == LIMIT
    assert shared_rope_limit(scaled(LONG).model) == LIMIT
    fixed = {"rope_type": "linear", "factor": 2.0, "rope_theta": 10.0}
    assert shared_rope_limit(scaled(fixed).model) is None
    model = scaled(DYNAMIC).model
    rotary = model.model.language_model.rotary_emb
    rotary.rope_type = {"full_attention": "longrope", "sliding_attention": "default"}
    rotary.config.rope_parameters = {"full_attention": dict(LONG), "sliding_attention": {}}
    assert shared_rope_limit(model) == LIMIT


def test_every_family_with_fixed_rope_still_shares_prefixes(loaded):
    assert shared_rope_limit(loaded.model) is None
