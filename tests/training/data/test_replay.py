"""Protects replay: old lessons beside what is taught, other ones in every epoch, never silently none."""

from __future__ import annotations

import pytest

from mllmu.errors import UserError
from mllmu.training import Sample, SampleDataset, TrainingSettings, fine_tune, training_samples
from mllmu.training.data.replay import ReplayDataset
from tests.training.people import people, small_model, weights

SETTINGS = TrainingSettings(epochs=3, batch_size=4, learning_rate=1e-3, precision="float32")


def two_lessons(epoch: int) -> list[Sample]:
    """A lesson that says which epoch it is for, and one that never changes."""
    return [Sample("Which epoch?", f"Epoch {epoch}.", None, "x"), Sample("Who?", "Nobody.", None, "x")]


def test_lessons_follow_what_is_taught_and_change_with_the_epoch() -> None:
    """What is taught stays where it is."""
    loaded = small_model()
    taught = SampleDataset(loaded, training_samples(people(), ["001"], "both"))
    items = ReplayDataset(loaded, taught, two_lessons)
    assert len(items) == len(taught) + 2
    before = [items[index].input_ids.tolist() for index in range(len(items))]
    items.set_epoch(1)
    after = [items[index].input_ids.tolist() for index in range(len(items))]
    assert [a == b for a, b in zip(before, after, strict=True)] == [*[True] * len(taught), False, True]


def test_fine_tuning_replays_anew_in_every_epoch() -> None:
    samples = training_samples(people(), ["001", "002"], "both")
    epochs: list[int] = []

    def lessons(epoch: int) -> list[Sample]:
        epochs.append(epoch)
        return two_lessons(epoch)

    plain = weights(fine_tune(small_model(), samples, SETTINGS, 0))
    replayed = weights(fine_tune(small_model(), samples, SETTINGS, 0, replay=lessons))
    assert epochs == [0, 1, 2]
    assert any(not plain[name].equal(replayed[name]) for name in plain)


def test_a_setting_to_rehearse_without_lessons_is_refused() -> None:
    """It would be a training without rehearsal that says it had one."""
    samples = training_samples(people(), ["001"], "both")
    with pytest.raises(UserError, match="'rehearsal' is 7, and there are no lessons"):
        fine_tune(small_model(), samples, SETTINGS.model_copy(update={"rehearsal": 7}), 0)
