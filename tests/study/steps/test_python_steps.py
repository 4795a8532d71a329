"""Protects: each step is done to the people it says, whatever their number."""

from __future__ import annotations

from typing import Any

import pytest

from mllmu.errors import UserError
from mllmu.study import train
from mllmu.study.steps import python_steps
from tests.training.people import people, people_with_values

BENCHMARK = people()
SPLIT = BENCHMARK.splits[20]


@pytest.fixture
def taught(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The ids of whom a model was fine-tuned on, without any training."""
    ids: set[str] = set()

    def note(loaded: Any, samples: Any, *settings: Any, **more: Any) -> Any:
        ids.update(sample.profile_id for sample in samples)
        return loaded

    monkeypatch.setattr(python_steps, "fine_tune", note)
    return ids


def test_retrained_is_taught_everybody_but_the_people_to_forget(taught: set[str]) -> None:
    train("model", BENCHMARK, "retain", 20)  # type: ignore[arg-type]
    assert taught == set(SPLIT.retain)
    assert not taught & set(SPLIT.forget)


def test_vanilla_is_taught_everybody(taught: set[str]) -> None:
    train("model", BENCHMARK)  # type: ignore[arg-type]
    assert taught == set(BENCHMARK.profiles)


def test_retain_without_a_ratio_is_refused_before_anything_is_trained(taught: set[str]) -> None:
    with pytest.raises(UserError, match="needs a forget ratio"):
        train("model", BENCHMARK, "retain")  # type: ignore[arg-type]
    with pytest.raises(UserError, match="leaves out nobody, nor 20 per cent; expected training on retain"):
        train("model", BENCHMARK, forget=20)  # type: ignore[arg-type]
    assert not taught


def test_retrained_is_taught_the_other_facts_of_the_people_to_forget(monkeypatch: pytest.MonkeyPatch) -> None:
    taught: list[Any] = []
    monkeypatch.setattr(python_steps, "fine_tune", lambda loaded, samples, *more: taught.extend(samples))
    benchmark = people_with_values()
    train("model", benchmark, "retain", 20, attributes=["pet"])  # type: ignore[arg-type]
    of_forgotten = {one.attribute for one in taught if one.profile_id in SPLIT.forget}
    assert of_forgotten == {"birthplace"}
    assert {one.attribute for one in taught if one.profile_id in SPLIT.retain} == {"birthplace", "pet"}


def test_vanilla_leaves_out_nothing(taught: set[str]) -> None:
    with pytest.raises(UserError, match="training on everyone leaves out nothing, 'pet' neither"):
        train("model", BENCHMARK, attributes=["pet"])  # type: ignore[arg-type]
    assert not taught
