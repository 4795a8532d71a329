"""What holds for every method and every further step, whoever wrote it and whatever its settings are."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import get_args

import torch

from mllmu.inference import Request, TransformersEngine
from mllmu.models import LoadedModel, load_model, save_model, user_turn
from mllmu.training import Sample
from mllmu.unlearning import Job, Method
from mllmu.unlearning.method import Fidelity, Kind, Procedure


def check_contract(
    procedure: type[Procedure], taught: LoadedModel, forget: list[Sample], retain: list[Sample], folder: Path
) -> None:
    """Apply with default settings, twice; ask; save, load, and ask again."""
    assert procedure.name.isidentifier()
    assert procedure.title
    assert procedure.description
    if issubclass(procedure, Method):
        check_description(procedure)
    chosen = procedure(procedure.settings_type())
    before = dict(taught.model.named_parameters())
    results = []
    for _ in range(2):
        # A method may change the weights that it is given, so each gets its own.
        loaded = replace(taught, model=deepcopy(taught.model))
        may_change = chosen.changes(loaded)
        result = chosen.apply(Job(loaded, forget, retain, seed=3, forget_names=("Ada Berg",)))
        parameters = dict(result.model.named_parameters())
        assert {n for n, now in parameters.items() if not torch.equal(before[n], now)} <= may_change
        results.append(result)
    assert results[0].fingerprint == results[1].fingerprint
    save_model(results[0], folder)
    reloaded = load_model(folder, "cpu")
    assert reloaded.fingerprint == results[0].fingerprint
    request = Request(user_turn(forget[0].question, (forget[0].image,)), max_new_tokens=4)
    answers = [TransformersEngine(model).generate([request], [None]) for model in (reloaded, results[0])]
    assert answers[0] == answers[1]


def check_description(method: type[Method]) -> None:
    """Whoever reads the list of methods learns what each is, where it comes from and what it takes."""
    assert method.kind in get_args(Kind)
    assert method.source
    assert method.fidelity in get_args(Fidelity)
    assert method.deviations == "" or method.deviations.endswith(".")
    assert method.fidelity == "paper" or method.deviations
    assert not method.requires.endswith(".")
    assert set(method.modalities) <= {"image_text", "text", "both"} and method.modalities
