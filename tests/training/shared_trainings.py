"""Trainings that two processes share, and what they are to leave."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from mllmu.models import LoadedModel
from mllmu.processes import process_rank
from mllmu.training import TrainingSettings, fine_tune, training_samples
from mllmu.unlearning import Watch, unlearn
from tests.training.people import people_with_values, small_model, weights

BENCHMARK = people_with_values()
PLAIN: dict[str, Any] = {
    "learning_rate": 0.05,
    "optimizer": "sgd",
    "schedule": "constant_with_warmup",
    "precision": "float32",
}
ADAPTED: dict[str, Any] = {"lora": {"r": 4, "dropout": 0.0}}
# Batches, accumulations and settings; of 12 samples the last step of a pass holds four or less.
CASES: dict[str, dict[str, Any]] = {
    "fine_tuning": {},
    "fine_tuning with adapters": ADAPTED,
    "grad_diff": {"decouple": 0.5, "l1": 1e-4},  # a retain term
    "npo": {"alpha": 1.0},  # a reference, and a retain term
    "kl_min": ADAPTED,  # whole distributions of a reference
    "rmu": {},  # hidden states of a reference; layers behind them learn nothing
    "pdu": {"warmup": 0.0, "rate": 10.0},  # a multiplier that remembers the step before
}


@cache
def untrained() -> tuple[LoadedModel, dict[str, torch.Tensor]]:
    """A small random model, and the weights it begins with."""
    loaded = small_model()
    return loaded, weights(loaded)


def weights_after(
    case: str, batch_size: int, accumulation: int, watch: Watch | None = None
) -> dict[str, torch.Tensor]:
    """The weights of the small model after a training."""
    loaded, before = untrained()
    loaded.model.load_state_dict(before)
    settings = {"batch_size": batch_size, "gradient_accumulation": accumulation, **PLAIN, **CASES[case]}
    if case.startswith("fine_tuning"):
        samples = training_samples(BENCHMARK, ["001", "002", "003"], "both")
        fine_tune(loaded, samples[:-1], TrainingSettings(epochs=2, **settings), seed=0)
    else:
        wanted = {"passes": 5.25, **settings}
        unlearn(case, loaded, BENCHMARK, BENCHMARK.splits[20], "both", wanted, seed=0, watch=watch)
    return weights(loaded)


def weights_after_a_kill(folder: Path) -> dict[str, torch.Tensor]:
    """The weights of "pdu" where it is killed while it is looked at, and goes on from the look before."""

    def look(loaded: LoadedModel, passes: float) -> None:
        if passes == 4:
            raise KeyboardInterrupt

    with suppress(KeyboardInterrupt):
        weights_after("pdu", 8, 1, Watch((2, 4), look, folder))
    assert [path.name for path in folder.iterdir()] == ["checkpoint-1"]
    return weights_after("pdu", 8, 1, Watch((2,), look, folder))


def train_all(folder: Path) -> None:
    """Every case in steps of eight samples, as one of the processes; each writes down its weights."""
    for case in CASES:
        save_file(weights_after(case, 8, 1), folder / f"{case} {process_rank()}.safetensors")
    resumed = weights_after_a_kill(folder / "state")
    save_file(resumed, folder / f"resumed {process_rank()}.safetensors")
