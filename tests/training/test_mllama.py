"""Mllama learns from text and pictures in one batch what it learns from each row alone."""

import pytest
import torch

from mllmu.models import chat_prompt, collate
from mllmu.training import LoraSettings, Sample, TrainingSettings, fine_tune
from mllmu.training.trainers.answer_logits import answer_logits
from mllmu.unlearning import mean_activations
from tests.families import mllama
from tests.inference.test_families import photo
from tests.training.people import answer_loss

SAMPLES = [
    Sample("Who?", "Ada", photo(0), "001"),
    Sample("Who lives in Riga?", "Ada Berg", None, "001"),
    Sample("Where does this person live?", "Riga", photo(1), "001"),
    Sample("And?", "soup", None, "001"),
]
SETTINGS = TrainingSettings(max_steps=8, batch_size=4, learning_rate=3e-3, precision="float32")


def rows(loaded):
    return [
        loaded.encoder.encode(
            chat_prompt(loaded.processor, one.question, (one.image,) if one.image else ()), one.answer
        )
        for one in SAMPLES
    ]


def test_a_mixed_batch_has_the_logits_and_the_gradient_of_its_rows():
    loaded = mllama()
    items, pad = rows(loaded), loaded.encoder.pad_id
    together = answer_logits(loaded.model, collate(items, pad))
    alone = [answer_logits(loaded.model, collate([item], pad)) for item in items]
    torch.testing.assert_close(
        together.logits, torch.cat([one.logits for one in alone]), atol=1e-4, rtol=1e-4
    )
    assert torch.equal(together.targets, torch.cat([one.targets for one in alone]))
    weight = loaded.model.model.language_model.layers[1].cross_attn.q_proj.weight
    (mixed,) = torch.autograd.grad(together.token_log_probs().sum(), weight)
    (summed,) = torch.autograd.grad(sum(one.token_log_probs().sum() for one in alone), weight)
    assert mixed.abs().max() > 0
    torch.testing.assert_close(mixed, summed, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("lora", [None, LoraSettings(r=2)])
def test_it_is_taught(lora):
    loaded = mllama()
    before = answer_loss(loaded, SAMPLES)
    fine_tune(loaded, SAMPLES, SETTINGS.model_copy(update={"lora": lora}), seed=0)
    assert answer_loss(loaded, SAMPLES) < before * 0.9


def test_activations_do_not_depend_on_batches():
    loaded = mllama()
    name = "model.language_model.layers.2.mlp"
    one, four = (mean_activations(loaded, SAMPLES, [name], batch_size=size)[name] for size in (1, 4))
    torch.testing.assert_close(one.mean, four.mean, atol=1e-5, rtol=1e-4)
    assert one.tokens == four.tokens
