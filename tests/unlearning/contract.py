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
from mllmu.unlearning.pairing.watch import Watch
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
) -> list[int]:
    """Apply in several steps, and look on the way; again, killed in the middle; ask; save, load, ask again.

    Returns:
        The total of each kind of step that was told, in the order they were done.
    """
    assert procedure.name.isidentifier()
    assert procedure.title
    assert procedure.description
    if issubclass(procedure, Method):
        check_description(procedure)
    kind = procedure.settings_type
    settings = kind(**{name: value for name, value in _STEPS.items() if name in kind.model_fields})
    before = dict(taught.model.named_parameters())

    def apply(progress: Progress | None, upkeep: Upkeep, watch: Watch | None = None) -> LoadedModel:
        # A method may change the weights that it is given, so each gets its own.
        loaded = replace(taught, model=deepcopy(taught.model))
        chosen = procedure(settings)
        may_change = chosen.changes(loaded)
        job = Job(forget, retain, 3, ("Ada Berg",), loaded=loaded, progress=progress, upkeep=upkeep)
        result = chosen.apply(replace(job, watch=watch))
        parameters = dict(result.model.named_parameters())
        assert {n for n, now in parameters.items() if not torch.equal(before[n], now)} <= may_change
        return result

    states = folder.with_name("states")
    whole, looks = Told(), []
    results = [apply(whole, Upkeep(), Watch((0.1,), lambda model, passes: looks.append(passes)))]
    if issubclass(procedure, Method):  # what is read off states on the way is read off no others
        assert bool(looks) == procedure.is_gradual()
    trains = issubclass(kind, OptimizationSettings)
    assert whole.parts or not trains  # whoever trains tells its steps
    assert all(part[-1][0] == part[-1][1] for part in whole.parts)
    caplog.clear()
    was_killed = False
    try:
        apply(Told(stop=whole.middle_of_the_last) if trains else None, Upkeep(states, seconds=0))
    except KilledError:
        was_killed = True
    assert was_killed == trains
    # Whoever is killed goes on from a state, unless it says that it has none.
    goes_on = was_killed and "keeps what no state on disk holds" not in caplog.text
    assert bool(list(states.rglob("checkpoint-*"))) == goes_on
    again = Told()
    results.append(apply(again, Upkeep(states)))
    assert not was_killed or (again.parts[-1][0][0] > 0) == goes_on
    assert results[0].fingerprint == results[1].fingerprint
    save_model(results[0], folder)
    reloaded = load_model(folder, "cpu")
    assert reloaded.fingerprint == results[0].fingerprint
    request = Request(user_turn(forget[0].question, (forget[0].image,)), max_new_tokens=4)
    answers = [TransformersEngine(model).generate([request], [None]) for model in (reloaded, results[0])]
    assert answers[0] == answers[1]
    return [part[-1][1] for part in whole.parts]


class Told:
    """What a procedure tells of its steps, kind by kind: a new total, or fewer steps than before, begins one.

    Args:
        stop: after how many calls the process is killed; never by default.
    """

    def __init__(self, stop: int | None = None) -> None:
        self.parts: list[list[tuple[int, int]]] = []
        self._left = stop

    def __call__(self, done: int, total: int) -> None:
        before = self.parts[-1][-1] if self.parts else None
        if before is None or total != before[1] or done < before[0]:
            self.parts.append([])
        self.parts[-1].append((done, total))
        if self._left is not None:
            self._left -= 1
            if not self._left:
                raise KilledError

    @property
    def middle_of_the_last(self) -> int:
        """Calls until the last kind of step, the training, is more than half done."""
        *earlier, last = self.parts
        past = next(index for index, (done, total) in enumerate(last) if done > 1 and done > total // 2)
        return sum(map(len, earlier)) + past + 1


def check_description(method: type[Method]) -> None:
    """Whoever reads the list of methods learns what each is, where it comes from and what it takes."""
    assert method.kind in get_args(Kind)
    assert method.source
    assert method.fidelity in get_args(Fidelity)
    assert method.deviations == "" or method.deviations.endswith(".")
    assert method.fidelity == "paper" or method.deviations
    assert not method.requires.endswith(".")
    assert set(method.modalities) <= {"image_text", "text", "both"} and method.modalities
