"""What holds for every method and every further step, whoever wrote it and whatever its settings are."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
import torch

from mllmu.inference import Request, TransformersEngine
from mllmu.models import LoadedModel, load_model, save_model, user_turn
from mllmu.progress import Progress
from mllmu.training import OptimizationSettings, Sample, Upkeep
from mllmu.unlearning import Job, Method
from mllmu.unlearning.method import Fidelity, Kind, Procedure
from tests.unlearning.killed import KilledError

# By default a training on so few questions has one step, and no middle.
_STEPS = {"batch_size": 1, "max_steps": 4, "position": "answer"}


def check_contract(
    procedure: type[Procedure],
    taught: LoadedModel,
    forget: list[Sample],
    retain: list[Sample],
    folder: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Apply in several steps; again, killed in the middle; ask; save, load, and ask again."""
    assert procedure.name.isidentifier()
    assert procedure.title
    assert procedure.description
    if issubclass(procedure, Method):
        check_description(procedure)
    kind = procedure.settings_type
    settings = kind(**{name: value for name, value in _STEPS.items() if name in kind.model_fields})
    before = dict(taught.model.named_parameters())

    def apply(progress: Progress | None, upkeep: Upkeep) -> LoadedModel:
        # A method may change the weights that it is given, so each gets its own.
        loaded = replace(taught, model=deepcopy(taught.model))
        chosen = procedure(settings)
        may_change = chosen.changes(loaded)
        job = Job(forget, retain, 3, ("Ada Berg",), loaded=loaded, progress=progress, upkeep=upkeep)
        result = chosen.apply(job)
        parameters = dict(result.model.named_parameters())
        assert {n for n, now in parameters.items() if not torch.equal(before[n], now)} <= may_change
        return result

    states = folder.with_name("states")
    results = [apply(None, Upkeep())]
    caplog.clear()
    was_killed = False
    try:
        apply(_killed_in_the_middle, Upkeep(states, seconds=0))
    except KilledError:
        was_killed = True
    assert was_killed or not issubclass(kind, OptimizationSettings)  # whoever trains tells its steps
    # Whoever is killed goes on from a state, unless it says that it has none.
    goes_on = was_killed and "keeps what no state on disk holds" not in caplog.text
    assert bool(list(states.rglob("checkpoint-*"))) == goes_on
    steps: list[int] = []
    results.append(apply(lambda done, total: steps.append(done), Upkeep(states)))
    assert not was_killed or (steps[0] > 0) == goes_on
    assert results[0].fingerprint == results[1].fingerprint
    save_model(results[0], folder)
    reloaded = load_model(folder, "cpu")
    assert reloaded.fingerprint == results[0].fingerprint
    request = Request(user_turn(forget[0].question, (forget[0].image,)), max_new_tokens=4)
    answers = [TransformersEngine(model).generate([request], [None]) for model in (reloaded, results[0])]
    assert answers[0] == answers[1]


def _killed_in_the_middle(done: int, total: int) -> None:
    if done > 1 and done > total // 2:
        raise KilledError


def check_description(method: type[Method]) -> None:
    """Whoever reads the list of methods learns what each is, where it comes from and what it takes."""
    assert method.kind in get_args(Kind)
    assert method.source
    assert method.fidelity in get_args(Fidelity)
    assert method.deviations == "" or method.deviations.endswith(".")
    assert method.fidelity == "paper" or method.deviations
    assert not method.requires.endswith(".")
    assert set(method.modalities) <= {"image_text", "text", "both"} and method.modalities
