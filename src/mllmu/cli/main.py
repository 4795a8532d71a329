"""The ``mllmu`` command."""

from __future__ import annotations

import typer

from mllmu.cli.data import data_app
from mllmu.cli.errors import PoliteGroup
from mllmu.cli.evaluate import evaluate
from mllmu.cli.judge import judge
from mllmu.cli.listing import list_app
from mllmu.cli.report import report
from mllmu.cli.run import run
from mllmu.cli.synthesize import synthesize
from mllmu.cli.train import train
from mllmu.cli.unlearn import unlearn

app = typer.Typer(
    cls=PoliteGroup,
    name="mllmu",
    help="Benchmark and workbench for multimodal machine unlearning. Start with: [bold]mllmu run[/bold]",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
)
for command in (run, synthesize, train, unlearn, evaluate, judge, report):
    app.command()(command)
app.add_typer(data_app, name="data")
app.add_typer(list_app, name="list")


def main() -> None:
    """Entry point of the console script."""
    app()
