"""Protects looking at a model on the way: when, without a trace, and after a kill."""

from __future__ import annotations

import shutil
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import torch

from mllmu.models import LoadedModel
from mllmu.training import Upkeep, training_samples
from mllmu.training.upkeep.kept_state import last_state
from mllmu.unlearning import Watch, unlearn
from tests.training.people import answer_loss, changed, people, small_model, weights
from tests.unlearning.killed import KilledError

BENCHMARK = people()
SPLIT = BENCHMARK.splits[20]  # two people with two questions each: a pass is four samples
FORGET = training_samples(BENCHMARK, SPLIT.forget, "both")
SETTINGS: dict[str, Any] = {"learning_rate": 1e-2, "batch_size": 2, "precision": "float32", "passes": 4}


class Looker:
    """Notes the passes and what the model thinks of the forget questions then; may be killed after one."""

    def __init__(self, passes: tuple[float, ...], folder: Path | None = None, killed_at: float = 0) -> None:
        self.watch = Watch(passes, self.look)
        self.upkeep = Upkeep(folder)
        self.killed_at = killed_at
        self.seen: dict[float, float] = {}

    def look(self, loaded: LoadedModel, passes: float) -> None:
        if passes == self.killed_at:
            raise KilledError
        assert not loaded.model.training
        torch.rand(3)  # questions may draw, too
        self.seen[passes] = answer_loss(loaded, FORGET)


def forgotten(
    looker: Looker | None, method: str = "npo", modality: Any = "both", **settings: Any
) -> dict[str, torch.Tensor]:
    """The weights after an unlearning."""
    loaded = small_model(layers=1)
    watched = (None, None) if looker is None else (looker.watch, looker.upkeep)
    unlearn(method, loaded, BENCHMARK, SPLIT, modality, {**SETTINGS, **settings}, 0, None, *watched)
    return weights(loaded)


@pytest.mark.parametrize("modality", ["image_text", "both"])
def test_passes_count_the_samples_of_one_form_of_each_question(modality: str) -> None:
    """Steps of two samples, passes of four: after 2, 3 (the middle of one) and 6 steps; not at the end.

    Progress is told of a step before its look.
    """
    looker = Looker((1, 1.3, 3, 4, 20))
    looks_before: list[tuple[int, int]] = []
    loaded = small_model(layers=1)
    unlearn(
        "npo",
        loaded,
        BENCHMARK,
        SPLIT,
        modality,  # type: ignore[arg-type]
        SETTINGS,
        seed=0,
        progress=lambda done, total: looks_before.append((done, len(looker.seen))),
        watch=looker.watch,
    )
    assert list(looker.seen) == [1, 1.3, 3]
    assert looks_before[-9:] == list(enumerate([0, 0, 0, 1, 2, 2, 2, 3, 3]))
    assert all(looks == 0 for _, looks in looks_before[:-9])  # while the frozen model is read
    assert looker.seen[1] != looker.seen[1.3] != looker.seen[3]


SETTINGS_OF_CASES = {
    "adamw": {},
    "muon": {"optimizer": "muon"},
    "adapters": {"lora": {"r": 2, "dropout": 0.5}},
    "accumulated": {"gradient_accumulation": 2, "batch_size": 1},
    "sines": {"sine_projector": True},
}


@pytest.mark.parametrize("case", SETTINGS_OF_CASES)
def test_who_looks_leaves_no_trace(case: str, tmp_path: Path) -> None:
    """The same weights to the last bit as if nobody had looked, whether or not the state is kept."""
    settings = SETTINGS_OF_CASES[case]
    alone = forgotten(None, **settings)
    for folder in (None, tmp_path):
        watched = forgotten(Looker((1, 2), folder), **settings)
        assert all(torch.equal(alone[name], watched[name]) for name in alone)


@pytest.mark.parametrize(
    ("method", "case"),
    [
        *product(["npo"], SETTINGS_OF_CASES),
        *product(["kl_min"], ["adapters", "accumulated"]),
        ("salun", "muon"),
        ("salun", "adapters"),
        ("mmunlearner", "accumulated"),
    ],
)
def test_a_killed_training_goes_on_from_its_last_look(case: str, method: str, tmp_path: Path) -> None:
    """Killed at the third look: the first two are not done again, and the end is that of an undisturbed."""
    settings = SETTINGS_OF_CASES[case]
    undisturbed = Looker((1, 2, 3))
    expected = forgotten(undisturbed, method, **settings)
    with pytest.raises(KilledError):
        forgotten(Looker((1, 2, 3), tmp_path, killed_at=3), method, **settings)
    again = Looker((1, 2, 3), tmp_path)
    resumed = forgotten(again, method, **settings)
    assert again.seen == {3: undisturbed.seen[3]}
    assert all(torch.equal(expected[name], resumed[name]) for name in expected)


def test_a_state_that_was_not_written_to_its_end_is_not_used(tmp_path: Path) -> None:
    """The trainer writes its own state last; the state before it serves."""
    assert last_state(tmp_path) is None
    with pytest.raises(KilledError):
        forgotten(Looker((1, 2), tmp_path, killed_at=2))
    (whole,) = tmp_path.iterdir()
    half = tmp_path / "checkpoint-4"
    shutil.copytree(whole, half)
    (half / "trainer_state.json").write_text("{", encoding="utf-8")
    assert last_state(tmp_path) == str(whole)
    (half / "trainer_state.json").unlink()
    assert last_state(tmp_path) == str(whole)


def test_methods_that_do_not_train_are_not_looked_at() -> None:
    """Prompting has one state only."""
    looker = Looker((1, 2))
    loaded = small_model(layers=1)
    before = weights(loaded)
    unlearn("prompting", loaded, BENCHMARK, SPLIT, "both", {}, seed=0, watch=looker.watch)
    assert not looker.seen and not changed(before, loaded)
