"""Protects the other implementation of attention: the same function and gradient, and gone afterwards."""

import io

import pytest
import torch
from PIL import Image

from mllmu.models import collate, module_map, render, user_turn
from mllmu.training.attention_kernels import fast_attention
from mllmu.training.trainers.answer_logits import answer_logits
from tests.families import FAMILIES, build_family


def implementations(loaded):
    return {
        name: module.config._attn_implementation
        for name, module in loaded.model.named_modules()
        if hasattr(module, "config")
    }


def gradients(loaded, batch):
    loaded.model.zero_grad()
    answer_logits(loaded.model, batch).all_log_probs().square().mean().backward()
    return {
        name: parameter.grad.clone()
        for name, parameter in loaded.model.named_parameters()
        if parameter.grad is not None
    }


@pytest.mark.parametrize("family", FAMILIES)
def test_gradients_are_the_same_in_every_family(family):
    """Rows of different lengths, with and without a picture."""
    loaded = build_family(family)
    picture = io.BytesIO()
    Image.effect_noise((64, 64), 80).convert("RGB").save(picture, "PNG")
    turns = [user_turn("this person lives in", (picture.getvalue(),)), user_turn("who likes soup?")]
    rows = [loaded.encoder.encode(render(loaded.processor, turn), "Riga") for turn in turns]
    batch = collate(rows, loaded.encoder.pad_id, side="right")
    before = implementations(loaded)
    fused = gradients(loaded, batch)
    language = loaded.model.get_submodule(module_map(loaded.model).language_model)
    with pytest.raises(KeyError), fast_attention(loaded.model, torch.device("cpu")):
        assert language.config._attn_implementation == "eager"
        plain = gradients(loaded, batch)
        raise KeyError
    assert implementations(loaded) == before
    assert fused.keys() == plain.keys()
    rounding = 1e-5 * max(gradient.abs().max().item() for gradient in fused.values())
    for name in fused:
        torch.testing.assert_close(plain[name], fused[name], rtol=1e-4, atol=rounding)


def test_other_devices_keep_theirs():
    """On a GPU the fused attention is the fast one."""
    loaded = build_family("llava")
    before = implementations(loaded)
    with fast_attention(loaded.model, torch.device("cuda")):
        assert implementations(loaded) == before
