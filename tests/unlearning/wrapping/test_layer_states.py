"""Protects which hidden states steering is made of."""

from __future__ import annotations

import torch

from mllmu.models import module_map
from mllmu.training import SampleDataset, training_samples
from mllmu.unlearning.wrapping.layer_states import answering_states
from tests.training.people import people, small_model

BENCHMARK = people()
SAMPLES = training_samples(BENCHMARK, BENCHMARK.splits[20].forget, "both")


@torch.no_grad()
def test_states_are_those_from_which_answers_are_predicted() -> None:
    """From the prompt's last token to the answer's last but one: of plain passes, one sample each."""
    loaded = small_model()
    states = []
    for item in SampleDataset(loaded, SAMPLES):
        inputs = {"input_ids": item.input_ids[None], **item.vision}
        after = loaded.model(**inputs, output_hidden_states=True).hidden_states[1][0]
        answered = item.answer_mask.nonzero().flatten() - 1
        states.append(after[answered])
    expected = torch.cat(states).double()
    for batch_size in (1, 8):
        seen = answering_states(loaded, SAMPLES, module_map(loaded.model).layers[0], batch_size)
        torch.testing.assert_close(seen.mean, expected.mean(0), atol=1e-5, rtol=0)
        torch.testing.assert_close(seen.second, expected.T @ expected / len(expected), atol=1e-5, rtol=0)
