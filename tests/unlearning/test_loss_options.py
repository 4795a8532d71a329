"""Protects: whoever reads the list learns of every option of losses what it is and where it comes from."""

from __future__ import annotations

from typing import get_args

from typer.testing import CliRunner

from mllmu.cli import app
from mllmu.unlearning import UnlearningSettings
from mllmu.unlearning.loss_options import LOSS_OPTIONS
from mllmu.unlearning.method import Fidelity


def test_every_option_is_a_setting_and_says_what_differs() -> None:
    """Off by default, so that a method without it is itself."""
    defaults = UnlearningSettings().model_dump()
    for option in LOSS_OPTIONS:
        assert not defaults[option.setting]
        assert option.source and option.fidelity in get_args(Fidelity)
        assert option.fidelity == "paper" or option.deviations.endswith(".")


def test_the_list_of_methods_shows_them() -> None:
    listed = " ".join(CliRunner().invoke(app, ["list", "methods"]).stdout.split())
    for option in LOSS_OPTIONS:
        assert option.setting in listed
    assert "option of any loss" in listed and "forget_tokens=answer" in listed
