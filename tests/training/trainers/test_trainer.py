"""Protects the training loop's arithmetic, its order of samples and its manners."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from mllmu.models import Encoded, LoadedModel
from mllmu.training import (
    AnswerTrainer,
    SampleDataset,
    TrainingSettings,
    training_arguments,
    training_samples,
)
from mllmu.training.data.sampler import LengthGroupedSampler
from mllmu.training.seeds import kept_random_state, part_seed
from mllmu.training.trainers.trainer_arguments import steps_of_a_pass
from tests.training.people import people, small_model


class Rows:
    """Encoded rows without content, of given lengths."""

    def __init__(self, lengths: list[int]) -> None:
        self.lengths = lengths
        self.epochs: list[int] = []

    def set_epoch(self, epoch: int) -> None:
        self.epochs.append(epoch)

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, index: int) -> Encoded:
        ids = torch.zeros(self.lengths[index], dtype=torch.long)
        return Encoded(ids, ids.bool(), {})


class Pictured(Rows):
    """The same, of which each shows a picture."""

    def __init__(self, lengths: list[int], pictures: list[dict[str, torch.Tensor]]) -> None:
        super().__init__(lengths)
        self.pictures = pictures

    def __getitem__(self, index: int) -> Encoded:
        return replace(super().__getitem__(index), vision=self.pictures[index])


def test_batches_hold_rows_of_like_length_and_every_row_once() -> None:
    """Lengths 1..40 in batches of four: four neighbours each, since all fit into one pool."""
    sampler = LengthGroupedSampler(Rows([i % 40 + 1 for i in range(40)]), 4, seed=3)
    order = list(sampler)
    assert sorted(order) == list(range(40))
    spans = [max(order[i : i + 4]) - min(order[i : i + 4]) for i in range(0, 40, 4)]
    assert spans == [3] * 10
    assert list(sampler) == order


def test_an_incomplete_batch_comes_last_and_epochs_differ() -> None:
    """In the middle it would shift all later batches across length groups. Items may be re-drawn."""
    rows = Rows([5] * 10)
    sampler = LengthGroupedSampler(rows, 4, seed=3)
    first = list(sampler)
    sampler.set_epoch(1)
    assert rows.epochs == [1]
    assert sorted(list(sampler)) == sorted(first) == list(range(10))
    assert list(sampler) != first


@pytest.mark.parametrize(("count", "questions"), [(17, 1), (22, 3)])
def test_any_row_may_be_in_the_incomplete_batch(count: int, questions: int) -> None:
    """There it counts for more. If rows were sorted before, it would be the longest in every epoch."""
    rows = Rows([1 + index for index in range(count)])
    rest = count % 8
    last = Counter[int]()
    for seed in range(400):
        order = list(LengthGroupedSampler(rows, 8, seed, questions))
        assert sorted(order) == list(range(count))
        last.update(order[-rest:])
    expected = 400 * rest / count
    assert all(abs(last[index] - expected) < 5 * expected**0.5 for index in range(count)), last


def test_rows_of_one_picture_stay_together_though_some_are_taken_for_the_last_batch() -> None:
    """Six pictures of three rows in batches of eight: two rows are left over, all of one picture."""
    pictures = [{"pixels": torch.zeros(1)} for _ in range(6)]
    rows = Pictured([5] * 18, [pictures[index // 3] for index in range(18)])
    order = list(LengthGroupedSampler(rows, 8, 0, questions_per_image=3))
    assert sorted(order) == list(range(18))
    assert len({index // 3 for index in order[-2:]}) == 1


def gradients(
    loaded: LoadedModel, batch_size: int, accumulation: int, folder: Path
) -> dict[str, torch.Tensor]:
    """What plain gradient descent with rate 1 subtracts in one step over the same eight samples."""
    samples = training_samples(people(), ["001", "002"], "both")
    settings = TrainingSettings(
        max_steps=1,
        batch_size=batch_size,
        gradient_accumulation=accumulation,
        learning_rate=0.5,
        schedule="constant_with_warmup",
        optimizer="sgd",
        max_grad_norm=0,
        precision="float32",
    )
    before = {name: p.detach().clone() for name, p in loaded.model.named_parameters()}
    arguments = training_arguments(settings, 1, 0, loaded.device, folder)
    items = SampleDataset(loaded, samples)
    AnswerTrainer(loaded.model, items, loaded.encoder.pad_id, settings, arguments).train()
    return {name: before[name] - p.detach() for name, p in loaded.model.named_parameters()}


def test_one_batch_of_eight_is_eight_batches_of_one(tmp_path: Path) -> None:
    """Answers differ in length: were every micro-batch averaged by itself, short answers would weigh more."""
    whole = gradients(small_model(), 8, 1, tmp_path)
    parts = gradients(small_model(), 1, 8, tmp_path)
    assert max(float(step.abs().max()) for step in whole.values()) > 1e-3
    for name, step in whole.items():
        torch.testing.assert_close(parts[name], step, rtol=1e-3, atol=1e-5, msg=lambda m, n=name: f"{n}: {m}")


def test_items_are_drawn_anew_before_every_epoch(tmp_path: Path) -> None:
    """A pre-training that invents new sentences every epoch relies on it."""

    class Redrawn(SampleDataset):
        epochs: list[int]

        def set_epoch(self, epoch: int) -> None:
            self.epochs.append(epoch)

    loaded = small_model()
    items = Redrawn(loaded, training_samples(people(), ["001"], "text"))
    items.epochs = []
    settings = TrainingSettings(epochs=3, batch_size=2)
    steps = 3 * steps_of_a_pass(len(items), settings)
    arguments = training_arguments(settings, steps, 0, loaded.device, tmp_path)
    AnswerTrainer(loaded.model, items, loaded.encoder.pad_id, settings, arguments).train()
    assert items.epochs == [0, 1, 2]


def test_random_states_survive() -> None:
    """The trainer seeds every global generator; a caller's draws must not depend on a training in between."""
    random.seed(1)
    torch.manual_seed(1)
    expected = (random.random(), float(torch.rand(())))
    random.seed(1)
    torch.manual_seed(1)
    numpy_before = np.random.get_state()[1].tolist()  # type: ignore[index]
    with kept_random_state():
        random.seed(9)
        np.random.seed(9)
        torch.manual_seed(9)
    assert (random.random(), float(torch.rand(()))) == expected
    assert np.random.get_state()[1].tolist() == numpy_before  # type: ignore[index]


@pytest.mark.parametrize("other", [(1, "order", 0), (0, "pairs", 0), (0, "order", 1)])
def test_parts_have_their_own_seeds(other: tuple[int, str, int]) -> None:
    """First four bytes of sha256 of "(0, 'order', 0)", halved: computed with coreutils' sha256sum."""
    assert part_seed(0, "order", 0) == 0x33C25CE6 >> 1
    assert part_seed(*other) != part_seed(0, "order", 0)
