"""Protects the activations that pruning ranks units by: which tokens count, and that batches do not."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from mllmu.errors import UserError
from mllmu.models import LoadedModel
from mllmu.training import SampleDataset, training_samples
from mllmu.unlearning import mean_activations
from mllmu.unlearning.neurons.activations import picture_inputs
from tests.training.people import people, small_model

BENCHMARK = people()
SAMPLES = training_samples(BENCHMARK, BENCHMARK.splits[20].forget, "both")
LOADED = small_model()


def mlps(loaded: LoadedModel) -> list[str]:
    return [name for name, _ in loaded.model.named_modules() if name.endswith(".mlp") and "language" in name]


@pytest.mark.parametrize("tokens", ["all", "answer"])
def test_they_are_the_means_of_a_plain_loop_over_single_samples(tokens: Any) -> None:
    """A loop over unpadded rows, by hand; batches with padding must give the same."""
    name = mlps(LOADED)[0]
    outputs: list[torch.Tensor] = []
    module = LOADED.model.get_submodule(name)
    handle = module.register_forward_hook(lambda module, inputs, output: outputs.append(output[0]))
    rows = []
    for item in (SampleDataset(LOADED, SAMPLES)[index] for index in range(len(SAMPLES))):
        with torch.no_grad():
            LOADED.model(input_ids=item.input_ids[None], **item.vision)
        rows.append(outputs.pop() if tokens == "all" else outputs.pop()[item.answer_mask])
    handle.remove()
    expected = torch.cat(rows).double()
    for batch_size in (1, 5):
        means = mean_activations(LOADED, SAMPLES, [name], tokens, batch_size)[name]
        assert means.tokens == len(expected)
        torch.testing.assert_close(means.mean, expected.mean(0), rtol=1e-4, atol=1e-6)
        torch.testing.assert_close(means.mean_absolute, expected.abs().mean(0), rtol=1e-4, atol=1e-6)
        torch.testing.assert_close(means.mean_square, expected.square().mean(0), rtol=1e-4, atol=1e-6)


def test_what_is_read_at_a_picture_does_not_depend_on_the_question() -> None:
    """The picture comes first. Means over its tokens alone, against a plain loop; two questions a picture."""
    name = f"{mlps(LOADED)[0]}.up_proj"
    shown = [sample for sample in SAMPLES if sample.image is not None]
    outputs: list[torch.Tensor] = []
    hook = LOADED.model.get_submodule(name).register_forward_pre_hook(
        lambda _, inputs: outputs.append(inputs[0])
    )
    rows = []
    for item in (SampleDataset(LOADED, shown)[index] for index in range(len(shown))):
        with torch.no_grad():
            LOADED.model(input_ids=item.input_ids[None], **item.vision)
        is_picture = item.input_ids == LOADED.model.config.image_token_index
        rows.append(outputs.pop()[0, is_picture].mean(dim=0))
    hook.remove()
    for batch_size in (1, 3):
        read = picture_inputs(LOADED, shown, [name], batch_size)[name]
        torch.testing.assert_close(read, torch.stack(rows), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(read[0], read[1], rtol=1e-4, atol=1e-5)
    assert not torch.allclose(read[0], read[2], atol=1e-2)
    with pytest.raises(UserError, match="a picture has no tokens"):
        picture_inputs(LOADED, SAMPLES, [name])


def test_a_module_that_is_not_there_is_named() -> None:
    with pytest.raises(UserError, match="no module 'nowhere'"):
        mean_activations(LOADED, SAMPLES, ["nowhere"])
    with pytest.raises(UserError, match="over no samples"):
        mean_activations(LOADED, [], mlps(LOADED))
