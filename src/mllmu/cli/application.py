"""The ``mllmu`` command and its subcommands."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from mllmu.cli.commands.audit_command import audit
from mllmu.cli.commands.data_commands import data_app
from mllmu.cli.commands.depth_command import depth
from mllmu.cli.commands.evaluate_command import evaluate
from mllmu.cli.commands.export_command import export
from mllmu.cli.commands.list_commands import list_app
from mllmu.cli.commands.push_commands import push_app
from mllmu.cli.commands.recoverability_command import recoverability
from mllmu.cli.commands.report_command import report
from mllmu.cli.commands.run_command import run
from mllmu.cli.commands.synthesize_command import synthesize
from mllmu.cli.commands.train_command import train
from mllmu.cli.commands.tune_command import tune
from mllmu.cli.commands.unlearn_command import unlearn
from mllmu.cli.commands.utility_command import utility
from mllmu.cli.judge.judge_commands import judge_app
from mllmu.cli.polite_errors import PoliteGroup
from mllmu.errors import UserError
from mllmu.processes import process_count

#: Commands whose work several processes share.
_SHARED = ("run", "train", "unlearn", "evaluate")

app = typer.Typer(
    cls=PoliteGroup,
    name="mllmu",
    help="Benchmark and workbench for multimodal machine unlearning. Start with: [bold]mllmu run[/bold]",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
)
commands = (
    run,
    synthesize,
    train,
    unlearn,
    evaluate,
    report,
    depth,
    recoverability,
    utility,
    audit,
    tune,
    export,
)
for command in commands:
    app.command()(command)
app.add_typer(data_app, name="data")
app.add_typer(judge_app, name="judge")
app.add_typer(push_app, name="push")
app.add_typer(list_app, name="list")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mllmu {version('mllmu')}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    print_version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and stop.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """Take the options that stand before a subcommand, and refuse what each process would do by itself.

    Raises:
        UserError: if several processes were started together for a command that does not share its work.
    """
    if process_count() > 1 and context.invoked_subcommand not in _SHARED:
        raise UserError(
            f"'{context.invoked_subcommand}' was started in {process_count()} processes, each of which would "
            f"do all of it; expected one process, or one of: {', '.join(_SHARED)}."
        )
