"""Protects the loss from everything that is not an answer."""

from __future__ import annotations

import pytest
import torch
from transformers import Gemma2Config, Gemma2ForCausalLM

from mllmu.models import LoadedModel, collate
from mllmu.training import SampleDataset, training_samples
from mllmu.training.trainers.answer_logits import answer_logits
from tests.training.people import people, small_model


@pytest.fixture(scope="module")
def loaded() -> LoadedModel:
    return small_model()


def a_batch(loaded: LoadedModel) -> dict[str, torch.Tensor]:
    """Rows with and without an image, of four lengths."""
    items = SampleDataset(loaded, training_samples(people(), ["001"], "both"))
    return collate([items[index] for index in range(len(items))], loaded.encoder.pad_id)


@torch.no_grad()
def test_only_answer_tokens_are_predicted_by_what_stands_before_them(loaded: LoadedModel) -> None:
    """Against the model's full logits: t is predicted at t - 1, and an answer ends with the end token."""
    batch = a_batch(loaded)
    inputs = {key: value for key, value in batch.items() if key != "answer_mask"}
    expected = loaded.model(**inputs).logits.log_softmax(-1)
    answers = answer_logits(loaded.model, batch)
    found = answers.token_log_probs()
    for row in range(len(found)):
        for position in range(1, found.shape[1]):
            if batch["answer_mask"][row, position]:
                token = batch["input_ids"][row, position]
                torch.testing.assert_close(found[row, position], expected[row, position - 1, token])
            else:
                assert found[row, position] == 0
        ids = batch["input_ids"][row][batch["answer_mask"][row]]
        assert ids[-1] == loaded.processor.tokenizer.eos_token_id


@torch.no_grad()
def test_the_models_own_forward_runs(loaded: LoadedModel) -> None:
    """What is hooked to it, as sharding does, has to happen; the output layer sees the answers alone."""
    batch, seen = a_batch(loaded), []
    head = loaded.model.get_output_embeddings()
    hooks = [
        loaded.model.register_forward_pre_hook(lambda module, arguments: seen.append("model")),
        head.register_forward_hook(lambda module, arguments, output: seen.append(output.shape[1])),
    ]
    answer_logits(loaded.model, batch)
    for hook in hooks:
        hook.remove()
    assert seen == ["model", int(batch["answer_mask"].sum())]


@torch.no_grad()
def test_padding_changes_nothing(loaded: LoadedModel) -> None:
    """A row alone and in a batch of longer rows has the same log-probabilities, whatever fills it up."""
    samples = training_samples(people(), ["001", "002"], "both")
    items = SampleDataset(loaded, samples)
    whole = answer_logits(loaded.model, collate([items[i] for i in range(len(items))], pad_id=7))
    together = whole.token_log_probs().sum(dim=1)
    for index in range(len(items)):
        alone = answer_logits(loaded.model, collate([items[index]], pad_id=0)).token_log_probs().sum()
        torch.testing.assert_close(together[index], alone, rtol=1e-4, atol=1e-4)


@torch.no_grad()
@pytest.mark.parametrize("tied", [False, True], ids=["untied", "tied"])
def test_soft_capped_logits_are_those_of_the_full_forward(tied: bool) -> None:
    """Gemma 2 caps its logits after the output layer; the layer alone would give others."""
    torch.manual_seed(0)
    config = Gemma2Config(
        vocab_size=32,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=16,
        final_logit_softcapping=0.5,
        tie_word_embeddings=tied,
    )
    model = Gemma2ForCausalLM(config).eval()
    # Weights as large as a trained model's: with the drawn ones the cap would change next to nothing.
    model.get_output_embeddings().weight.normal_()
    ids = torch.randint(3, 32, (2, 6))
    mask = torch.tensor([[False, False, True, True, False, True], [False, True, False, False, True, True]])
    full = model(input_ids=ids, use_cache=False).logits
    hidden = model.base_model(input_ids=ids, use_cache=False).last_hidden_state
    assert (model.get_output_embeddings()(hidden) - full).abs().max() > 0.1
    answers = answer_logits(model, {"input_ids": ids, "answer_mask": mask})
    torch.testing.assert_close(answers.logits, full[:, :-1][mask[:, 1:]])
