"""A model's generation settings, of which greedy answers honour the end tokens and nothing else."""

import copy
from collections import Counter

import pytest
from transformers import GenerationConfig

from mllmu.inference import TransformersEngine
from mllmu.inference.in_memory import transformers_engine as engine_module
from mllmu.models import wrap_model
from tests.inference.conftest import LIMITS

BROUGHT = [
    {"repetition_penalty": 5.0},
    {"no_repeat_ngram_size": 1},
    {"encoder_no_repeat_ngram_size": 1},
    {"encoder_repetition_penalty": 5.0},
    {"min_new_tokens": 4},
    {"min_length": 500},
    {"max_new_tokens": 1},
    {"max_length": 1},
    {"max_time": 1e-9},
    {"stop_strings": ["a", "e", "i"]},
    {"do_sample": True, "temperature": 50.0, "top_k": 3},
    {"num_beams": 3, "length_penalty": 3.0, "early_stopping": True},
    {"num_return_sequences": 2, "num_beams": 2},
    {"suppress_tokens": list(range(5, 300))},
    {"begin_suppress_tokens": list(range(5, 300))},
    {"bad_words_ids": [[token] for token in range(5, 300)]},
    {"sequence_bias": [[[9], 1000.0]]},
    {"forced_bos_token_id": 9},
    {"forced_eos_token_id": 9},
    {"exponential_decay_length_penalty": (1, 9.0)},
    {"guidance_scale": 4.0},
    {"renormalize_logits": True},
    {"remove_invalid_values": True},
    {"watermarking_config": {"bias": 50.0, "seeding_scheme": "lefthash"}},
    {"penalty_alpha": 0.6, "top_k": 4},
    {"use_cache": False},
    {"return_dict_in_generate": True, "output_scores": True, "output_attentions": True},
    {"token_healing": True},
    {"prompt_lookup_num_tokens": 2},
]


@pytest.fixture(params=["sharing", "plain"])
def path(request, monkeypatch):
    if request.param == "plain":
        monkeypatch.setattr(engine_module, "sharing_engine", lambda *_: None)
    return request.param


@pytest.fixture(scope="module")
def expected(loaded, requests):
    return TransformersEngine(loaded, LIMITS[2]).generate(requests)


def bringing(loaded, **settings):
    """The same weights with further generation settings, as a model's folder may bring them along."""
    model = copy.copy(loaded.model)
    model.generation_config = GenerationConfig(
        **{**loaded.model.generation_config.to_diff_dict(), **settings}
    )
    return wrap_model(model, loaded.processor, "bringing")


@pytest.mark.parametrize("settings", BROUGHT, ids=lambda settings: "-".join(settings))
def test_settings_of_a_model_change_no_greedy_answer(loaded, requests, expected, path, settings):
    """generate() fills what a given configuration leaves open from the model's own one."""
    model = bringing(loaded, **settings)
    before = model.model.generation_config.to_dict()
    assert TransformersEngine(model, LIMITS[2]).generate(requests) == expected
    assert model.model.generation_config.to_dict() == before


def test_every_end_token_of_a_model_ends_answers_in_both_paths(loaded, requests, expected, monkeypatch):
    tokenizer = loaded.processor.tokenizer
    seen = Counter(
        token for text in expected for token in tokenizer(text, add_special_tokens=False)["input_ids"]
    )
    ends = [token for token, _ in seen.most_common(3)]
    model = bringing(loaded, eos_token_id=[tokenizer.eos_token_id, *ends])
    shared = TransformersEngine(model, LIMITS[2]).generate(requests)
    monkeypatch.setattr(engine_module, "sharing_engine", lambda *_: None)
    assert TransformersEngine(model, LIMITS[2]).generate(requests) == shared
    assert all(full.startswith(short) for full, short in zip(expected, shared, strict=True))
    assert sum(map(len, shared)) < sum(map(len, expected))
