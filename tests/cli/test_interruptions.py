"""Protects: who is stopped with Ctrl-C reads of that command, and of no other, whether it will go on."""

import pytest
import typer
from typer.testing import CliRunner

from mllmu.cli.application import app
from mllmu.cli.exit_codes import INTERRUPTED
from mllmu.cli.polite_errors import _GOES_ON, PoliteGroup

interrupted = typer.Typer(cls=PoliteGroup)


@interrupted.callback()
def group() -> None:
    """With one command alone there would be no group."""


for command in (*_GOES_ON, "report"):

    @interrupted.command(command)
    def stop() -> None:
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("run", "mllmu: stopped; it goes on from its last finished stage, and a long training from its last"),
        ("depth", "mllmu: stopped; it goes on from its last finished stage when it is run again"),
        ("unlearn", "mllmu: stopped; a long training goes on from its last state when it is run again"),
        ("tune", "mllmu: stopped; it goes on after its last finished trial when it is run again"),
        ("report", "mllmu: stopped\n"),
    ],
)
def test_an_interruption_says_what_goes_on(command: str, sentence: str) -> None:
    told = CliRunner().invoke(interrupted, [command])
    assert told.exit_code == INTERRUPTED
    assert told.stderr.startswith(sentence)
    assert "Traceback" not in told.output


def test_all_that_go_on_are_commands() -> None:
    assert set(_GOES_ON) <= set(typer.main.get_group(app).commands)
