"""Protects every setting that is a number from what YAML makes of yes and no."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import pytest
from pydantic import ValidationError

from mllmu.errors import UserError
from mllmu.study.recipe.presets import make_recipe
from mllmu.training.settings_base import Settings
from mllmu.unlearning.method_registry import METHODS

METHODS.all()  # whose settings are known once they are imported


def kinds(parent: type[Settings] = Settings) -> Iterator[type[Settings]]:
    """All classes of settings of this package."""
    for kind in parent.__subclasses__():
        if kind.__module__.startswith("mllmu."):
            yield kind
            yield from kinds(kind)


NUMBERS = [
    (kind, name)
    for kind in dict.fromkeys(kinds())
    for name, setting in kind.model_fields.items()
    if {setting.annotation, *get_args(setting.annotation)} & {int, float}
]


def test_there_are_settings_of_every_room() -> None:
    rooms = {kind.__module__.split(".")[1] for kind, _ in NUMBERS}
    assert rooms == {"training", "unlearning", "study"} and len(NUMBERS) > 40


@pytest.mark.parametrize(("kind", "name"), NUMBERS, ids=[f"{kind.__name__}.{name}" for kind, name in NUMBERS])
@pytest.mark.parametrize("flag", [True, False])
def test_a_flag_is_no_number(kind: type[Settings], name: str, flag: bool) -> None:
    with pytest.raises(ValidationError, match="should be a number, where YAML reads yes, no, on and off"):
        kind.model_validate({name: flag})


@pytest.mark.parametrize("given", ["split_seed=off", "forget_ratios=[yes]", "seeds=[0, no]"])
def test_a_recipe_says_so_in_a_sentence(given: str) -> None:
    """``split_seed=off`` drew other people to forget, by seed 0."""
    with pytest.raises(UserError, match=r"setting '\w+': should be a number, .* got"):
        make_recipe(assignments=[given])


def test_flags_stay_flags() -> None:
    recipe = make_recipe(assignments=["fine_tuning.train_vision=yes", "evaluation.letters=no"])
    assert recipe.fine_tuning.train_vision is True and recipe.evaluation.letters == "never"
