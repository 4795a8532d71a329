"""Protects what a study counts on in every registered method and further step."""

from __future__ import annotations

from pathlib import Path

import pytest

from mllmu.training import training_samples
from mllmu.unlearning import FURTHER_STEPS, METHODS
from mllmu.unlearning.method import Procedure
from tests.training.people import people, small_model
from tests.unlearning.contract import check_contract

EVERY: list[type[Procedure]] = [*METHODS.all(), *FURTHER_STEPS.all()]


@pytest.mark.parametrize("procedure", EVERY, ids=lambda each: each.name)
def test_whatever_is_registered_keeps_the_contract(procedure: type[Procedure], tmp_path: Path) -> None:
    benchmark = people()
    split = benchmark.splits[20]
    forget = training_samples(benchmark, split.forget, "both")
    retain = training_samples(benchmark, split.retain, "both")
    check_contract(procedure, small_model(), forget, retain, tmp_path / "model")
