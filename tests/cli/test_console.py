"""Protects: the same warning does not fill the screen, and no other one is left out."""

import logging

import pytest
from typer.core import TyperGroup
from typer.testing import CliRunner

from mllmu.cli import app


@pytest.mark.parametrize("times", [1, 2])
def test_a_warning_is_said_once_in_every_command(times, monkeypatch):
    """As where no program has handlers of its own, which would be given all of them."""

    def warn(*_):
        for who in ("one", "two", "one"):
            logging.getLogger("mllmu.somewhere").warning("%s: no room", who)

    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(TyperGroup, "invoke", warn)
    for _ in range(times):
        result = CliRunner().invoke(app, ["list", "methods"])
        assert result.stderr.splitlines() == ["one: no room", "two: no room"]
