"""Protects that two processes learn what one learns, in the same steps of the same samples."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from mllmu.errors import UserError
from mllmu.models import load_model
from mllmu.training import TrainingSettings, Upkeep
from mllmu.training.trainability import trainable
from mllmu.training.trainers.step_shares import require_shares, shares_of_step
from tests.together import run_together
from tests.training.people import weights
from tests.training.shared_trainings import (
    CASES,
    RESUMED,
    SHARDED,
    untrained,
    weights_after,
    weights_before,
)


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The weights that two processes leave, each in a file of its own."""
    folder = tmp_path_factory.mktemp("together")
    run_together(
        f"from pathlib import Path; from tests.training.shared_trainings import train_all; "
        f"train_all(Path({str(folder)!r}))"
    )
    return folder


@pytest.mark.parametrize("case", CASES)
def test_two_processes_learn_what_one_does(case: str, together: Path) -> None:
    """8 x 1 = 4 x 2 = two processes: token by token, sample by sample, in whole steps and in the last one.

    Were each process's mean taken by itself, those with short answers would count more. What methods read
    off the model before the first step (masks, directions, references) is the same for all, since batches of
    that are no parts of a step.
    """
    before = weights_before(case)
    left, right = (load_file(together / f"{case} {rank}.safetensors") for rank in (0, 1))
    whole, parts = weights_after(case, 8, 1, None, alone := Upkeep()), weights_after(case, 4, 2)
    assert max(float((whole[name] - before[name]).abs().max()) for name in whole) > 5e-4
    for name in whole:
        assert torch.equal(left[name], right[name])
        torch.testing.assert_close(left[name], whole[name], rtol=0, atol=1e-6, msg=name)
        torch.testing.assert_close(parts[name], whole[name], rtol=0, atol=1e-6, msg=name)
    for rank in (0, 1):
        require_log(together / f"{case} {rank}.json", alone)


def require_log(told: Path, alone: Upkeep) -> None:
    for step, expected in zip(json.loads(told.read_text(encoding="utf-8")), alone.log, strict=True):
        assert list(step) == list(expected)
        numbers = [value for name, value in expected.items() if name != "training"]
        assert list(step.values())[1:] == pytest.approx(numbers, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("case", SHARDED)
def test_two_processes_learn_in_pieces_what_one_does(case: str, together: Path) -> None:
    """By FSDP, in passes of one sample: at a time some processes see no picture, or have no sample."""
    whole = weights_after(case, 1, 8, None, alone := Upkeep())
    left, right = (load_file(together / f"sharded {case} {rank}.safetensors") for rank in (0, 1))
    for name in whole:
        assert torch.equal(left[name], right[name])
        torch.testing.assert_close(left[name], whole[name], rtol=0, atol=1e-6, msg=name)
    require_log(together / f"sharded {case} 0.json", alone)


def test_by_fsdp_each_process_holds_a_half(together: Path) -> None:
    """Of the weights that learn, and of what goes with each; uneven rows are where the halves differ."""
    loaded, _ = untrained()
    with trainable(loaded.model, TrainingSettings(), 0) as learner:
        whole = sum(one.numel() for one in learner.parameters() if one.requires_grad)
    left, right = (json.loads((together / f"held {rank}.json").read_text("utf-8")) for rank in (0, 1))
    for what in ("weights", "gradients", "states"):
        assert left[what] + right[what] == whole
        assert right[what] == pytest.approx(whole / 2, rel=0.1)


@pytest.mark.parametrize("name", ["diverged", "diverged in pieces"])
def test_where_one_process_diverges_all_say_so_and_the_model_is_kept(name: str, together: Path) -> None:
    """As it was before that step, and not as it began; by the first, which writes."""
    for rank in (0, 1):
        said = (together / f"{name} {rank}.txt").read_text(encoding="utf-8")
        assert "in step 3 of" in said and "its loss is nan" in said
    kept = weights(load_model(together / name / "last-good", "cpu"))
    before = weights_before("fine_tuning")
    assert 5e-4 < max(float((kept[key] - before[key]).abs().max()) for key in before) < 10


@pytest.mark.parametrize("case", RESUMED)
def test_killed_processes_go_on_together(case: str, together: Path) -> None:
    """From one state, with what the method remembers, in the order of the epoch."""
    for rank in (0, 1):
        resumed, whole = (
            load_file(together / f"{name} {rank}.safetensors") for name in (f"resumed {case}", case)
        )
        assert all(torch.equal(resumed[name], whole[name]) for name in whole)


@pytest.mark.parametrize(
    ("batches", "count", "shares"),
    [
        ([[1, 2, 3], [4, 5]], 1, [[[1, 2, 3], [4, 5]]]),
        ([[1, 2, 3, 4]], 2, [[[1, 2]], [[3, 4]]]),
        ([[1, 2], [3, 4], [5, 6]], 2, [[[1, 2], [3]], [[4, 5], [6]]]),
        ([[1, 2], [3, 4]], 3, [[[1]], [[2]], [[3, 4]]]),
        ([[1]], 2, [[], [[1]]]),
        ([], 2, [[], []]),
    ],
)
def test_a_step_is_dealt_out_once(
    batches: list[list[int]], count: int, shares: list[list[list[int]]]
) -> None:
    """Every sample is in one share, in batches no larger than they were."""
    assert shares_of_step(batches, count) == shares


def test_a_process_without_a_part_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would wait for the others from the first step to the last."""
    monkeypatch.setenv("WORLD_SIZE", "8")
    require_shares(TrainingSettings(batch_size=4, gradient_accumulation=2))
    with pytest.raises(UserError, match="cannot be shared by 8 processes; expected at most 4"):
        require_shares(TrainingSettings(batch_size=4))
