"""Protects what a study counts on in every registered method and further step."""

from __future__ import annotations

from pathlib import Path

import pytest

from mllmu.models import LoadedModel
from mllmu.training import TrainingModality, training_samples
from mllmu.unlearning import FURTHER_STEPS, METHODS, Method
from mllmu.unlearning.method import Procedure
from tests.training.people import people_with_values, small_model
from tests.unlearning.contract import check_contract

# Whoever reads samples before, or instead of, training tells it too: on large models this is minutes. So many
# kinds of steps each tells on faces and names, one after the other.
KINDS_OF_STEPS = {
    **dict.fromkeys(("npo", "kl_min", "rmu", "llmu", "pdu", "undial", "salun", "null_space", "offset"), 2),
    **dict.fromkeys(("dpo", "altpo", "scrub", "vgid", "steering"), 3),
    **dict.fromkeys(("manu", "multidelete"), 4),
    "mmunlearner": 5,
    "mip_editor": 5,
}
EVERY: list[type[Procedure]] = [*METHODS.all(), *FURTHER_STEPS.all()]


@pytest.fixture(scope="module")
def taught() -> LoadedModel:
    """A model with random weights, of which every method gets copies."""
    return small_model()


@pytest.mark.parametrize("procedure", EVERY, ids=lambda each: each.name)
def test_whatever_is_registered_keeps_the_contract(
    procedure: type[Procedure], taught: LoadedModel, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    benchmark = people_with_values()
    split = benchmark.splits[20]
    modality: TrainingModality = "both"
    if issubclass(procedure, Method) and modality not in procedure.modalities:
        modality = procedure.modalities[0]
    forget = training_samples(benchmark, split.forget, modality)
    retain = training_samples(benchmark, split.retain, modality)
    totals = check_contract(procedure, taught, forget, retain, tmp_path / "model", caplog)
    if procedure.name in KINDS_OF_STEPS:
        assert len(totals) == KINDS_OF_STEPS[procedure.name]
