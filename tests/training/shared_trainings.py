"""Trainings that two processes share, and what they are to leave."""

from __future__ import annotations

import gc
import json
import os
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from mllmu.errors import DivergedError
from mllmu.models import LoadedModel
from mllmu.processes import process_rank
from mllmu.progress import Progress
from mllmu.training import AnswerTrainer, TrainingSettings, Upkeep, fine_tune, training_samples
from mllmu.unlearning import METHODS, unlearn
from tests.training.people import people_with_values, small_model, weights, weights_and_wrappers

BENCHMARK = people_with_values()
PLAIN: dict[str, Any] = {
    "learning_rate": 0.05,
    "optimizer": "sgd",
    "schedule": "constant_with_warmup",
    "precision": "float32",
}
ADAPTED: dict[str, Any] = {"lora": {"r": 4, "dropout": 0.0}}
SHORT: dict[str, Any] = {"passes": 2.5}  # two steps
# Batches, accumulations and settings; of 12 samples the last step of a pass holds four or less.
CASES: dict[str, dict[str, Any]] = {
    "fine_tuning": {},
    "fine_tuning with adapters": ADAPTED,
    "grad_diff": {"decouple": 0.5, "l1": 1e-4},  # a retain term
    "npo": {"alpha": 1.0},  # a reference, and a retain term
    "kl_min": ADAPTED,  # whole distributions of a reference
    "rmu": {},  # hidden states of a reference; layers behind them learn nothing
    "pdu": {"warmup": 0.0, "rate": 10.0},  # a multiplier that remembers the step before
    "scrub": SHORT,  # turns: its first step reads the forget half, its second one the retain half
    "dpo": SHORT,  # refusals, and a reference of them
    "flat": {"learning_rate": 0.9, **SHORT},  # alternative answers, by their mean probabilities
    "mmunlearner": SHORT,  # weights that one half of the loss leaves alone
    "salun": SHORT,  # weights that learn nothing, whatever their gradient
    "multidelete": {"learning_rate": 0.9, "gamma": 10.0, **SHORT},  # means of states over each answer
    "null_space": SHORT,  # gaps of hidden layers, by adapters that are subtracted
    "uld": SHORT,  # an assistant beside the model
    "lumoe": {**ADAPTED, **SHORT},  # an adapter beside the model
}
BESIDE = ("null_space", "uld", "lumoe")  # what learns are not the model's own weights

RESUMED = ("pdu", "fine_tuning")  # what remembers, and what is in its second epoch
SHARDED = ("fine_tuning", "fine_tuning with adapters", "pdu")  # by FSDP


@cache
def untrained() -> tuple[LoadedModel, dict[str, torch.Tensor]]:
    """A small random model, and the weights it begins with."""
    loaded = small_model(layers=1)
    return loaded, weights(loaded)


def weights_after(
    case: str,
    batch_size: int,
    accumulation: int,
    progress: Progress | None = None,
    upkeep: Upkeep | None = None,
    **changes: Any,
) -> dict[str, torch.Tensor]:
    """The weights of the small model after a training, and of what stands around it."""
    loaded, before = untrained()
    loaded.model.load_state_dict(before)
    settings = {
        "batch_size": batch_size,
        "gradient_accumulation": accumulation,
        **PLAIN,
        **CASES[case],
        **changes,
    }
    if case.startswith("fine_tuning"):
        samples = training_samples(BENCHMARK, ["001", "002", "003"], "both")
        chosen = TrainingSettings(epochs=2, **settings)
        fine_tune(loaded, samples[:-1], chosen, 0, progress, upkeep=upkeep)
    else:
        wanted = {"passes": 5.25, **settings}
        split, modality = BENCHMARK.splits[20], METHODS.get(case).modalities[-1]
        loaded = replace(loaded, model=deepcopy(loaded.model))  # a wrapper stays around what it is given
        loaded = unlearn(case, loaded, BENCHMARK, split, modality, wanted, 0, progress, upkeep=upkeep)
    return weights_and_wrappers(loaded)


def weights_before(case: str) -> dict[str, torch.Tensor]:
    """What the training begins at."""
    if case not in BESIDE:
        return untrained()[1]
    return weights_after(case, 8, 1, learning_rate=1e-12, passes=0.25)


def weights_after_a_kill(case: str, folder: Path) -> dict[str, torch.Tensor]:
    """The weights of a training that is killed in its last step, and goes on from the step before."""
    last = 3 if case == "pdu" else 4

    def kill(done: int, total: int) -> None:
        if done == total == last:  # not when all samples are read that the frozen model is asked about
            raise KeyboardInterrupt

    with suppress(KeyboardInterrupt):
        weights_after(case, 8, 1, kill, Upkeep(folder, seconds=0))
    (state,) = folder.iterdir()
    assert state.name == f"checkpoint-{last - 1}"
    return weights_after(case, 8, 1, None, Upkeep(folder))


def train_all(folder: Path) -> None:
    """Every case in steps of eight samples, as one of the processes; each writes down its weights."""
    # Every training collects garbage, which takes longer than a step if it looks through what was imported.
    gc.collect()
    gc.freeze()
    for case in CASES:
        upkeep = Upkeep()
        save_file(weights_after(case, 8, 1, None, upkeep), folder / f"{case} {process_rank()}.safetensors")
        (folder / f"{case} {process_rank()}.json").write_text(json.dumps(upkeep.log), encoding="utf-8")
    for case in RESUMED:
        resumed = weights_after_a_kill(case, folder / f"states of {case}")
        save_file(resumed, folder / f"resumed {case} {process_rank()}.safetensors")
    diverge(folder / "diverged")
    os.environ |= {"ACCELERATE_USE_FSDP": "true", "FSDP_VERSION": "2"}
    diverge(folder / "diverged in pieces")
    for case in SHARDED:
        # A sample a pass: one process has fewer of them in the last step.
        upkeep = Upkeep()
        name = f"sharded {case} {process_rank()}"
        save_file(weights_after(case, 1, 8, None, upkeep), folder / f"{name}.safetensors")
        (folder / f"{name}.json").write_text(json.dumps(upkeep.log), encoding="utf-8")
    (folder / f"held {process_rank()}.json").write_text(json.dumps(_numbers_held()), encoding="utf-8")


def diverge(folder: Path) -> None:
    """In the third step of one process alone; each writes down what it says."""
    whole = AnswerTrainer.compute_loss

    def failing(trainer: Any, *arguments: Any, **options: Any) -> Any:
        loss = whole(trainer, *arguments, **options)
        is_odd = process_rank() == 1 and trainer.state.global_step == 2
        return loss * float("nan") if is_odd else loss

    AnswerTrainer.compute_loss = failing  # type: ignore[method-assign]
    try:
        weights_after("fine_tuning", 4, 2, None, Upkeep(folder))
    except DivergedError as error:
        folder.with_name(f"{folder.name} {process_rank()}.txt").write_text(str(error), encoding="utf-8")
    finally:
        AnswerTrainer.compute_loss = whole  # type: ignore[method-assign]


def _numbers_held() -> dict[str, int]:
    """How many a process holds of what learns, its gradients and AdamW's averages, before the second step."""
    held: dict[str, int] = {}
    whole = AnswerTrainer._get_grad_norm

    def look(trainer: Any, *arguments: Any, **options: Any) -> Any:
        learning = [one for one in trainer.learner.parameters() if one.requires_grad]
        states = [one["exp_avg"] for one in trainer.optimizer.state.values()]
        gradients = [one.grad for one in learning]
        for name, tensors in (("weights", learning), ("gradients", gradients), ("states", states)):
            held[name] = sum(tensor.to_local().numel() for tensor in tensors)
        return whole(trainer, *arguments, **options)

    AnswerTrainer._get_grad_norm = look  # type: ignore[method-assign]
    loaded, _ = untrained()
    settings = TrainingSettings(batch_size=2, max_steps=2, precision="float32")
    fine_tune(loaded, training_samples(BENCHMARK, ["001"], "both"), settings, 0)
    return held
