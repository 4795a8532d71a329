"""``mllmu push``: give a model or people to the Hugging Face hub."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mllmu.cli.common_options import Device, path_argument, path_option, path_that_is_named
from mllmu.cli.console import VisibleText, errors, output, prepare_libraries, print_location, print_warning

if TYPE_CHECKING:
    from mllmu.study import PreparedPush

push_app = typer.Typer(
    help="Give a model or people to the Hugging Face hub; nothing is sent without --yes.",
    no_args_is_help=True,
)

Repository = Annotated[str, typer.Option("--to", metavar="OWNER/NAME", help="The repository on the hub.")]
Public = Annotated[
    bool,
    typer.Option("--public", help="Let everybody read a new repository; else it is for its owner alone."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Send it; without, only show what would be sent.")]


@push_app.command()
def model(
    name: Annotated[
        str, typer.Argument(metavar="MODEL", help="A model folder; with --run, one of its models by name.")
    ],
    to: Repository,
    run: Annotated[
        Path | None, path_option("--run", "The finished run that made it: its card then has its scores.")
    ] = None,
    scores: Annotated[
        Path | None, path_option("--scores", "Without a run: an evaluation or report that asked the model.")
    ] = None,
    public: Public = False,
    yes: Yes = False,
    device: Device = "auto",
) -> None:
    """Send a model, or the adapter that it is, with a card: what it is, its scores, attacks, and limits.

    Example: [bold]mllmu push model npo --run runs/quick --to owner/forgetful --yes[/bold]
    """
    from mllmu.study.finished_run.named_models import finished_recipe, is_folder_alone, named_model
    from mllmu.study.pushing.model_files import model_files
    from mllmu.study.pushing.prepared_push import require_repository_name

    require_repository_name(to)
    path_that_is_named(name)
    recipe = None if run is None else finished_recipe(run)
    if recipe is None or is_folder_alone(recipe, name):
        model_files(Path(name))
    else:
        named_model(recipe, name)
    # Torch is imported from here on, after every name that may be mistyped.
    from mllmu.study import prepared_model

    prepare_libraries()
    with prepared_model(name, to, run, scores, not public, device) as prepared:
        _show_or_send(prepared, yes)


@push_app.command()
def data(
    benchmark: Annotated[Path, path_argument("BENCHMARK", "A benchmark folder.")],
    to: Repository,
    public: Public = False,
    yes: Yes = False,
) -> None:
    """Send people as a dataset in the released layout, after checking them.

    Example: [bold]mllmu push data people --to owner/people --yes[/bold]
    """
    from mllmu.study.pushing.prepared_push import require_repository_name

    require_repository_name(to)
    # Torch is imported from here on, after every name that may be mistyped.
    from mllmu.study import make_display, prepared_people

    title = f"look through {benchmark}"
    with ExitStack() as stack:
        with make_display(errors) as display:
            display.expect(1)
            display.begin(title)
            progress = display.progress_of(title)
            prepared = stack.enter_context(prepared_people(benchmark, to, not public, progress))
            display.end(title)
        _show_or_send(prepared, yes)


def _show_or_send(prepared: PreparedPush, yes: bool) -> None:
    from mllmu.study import make_display, push

    for note in prepared.notes:
        print_warning(f"{note}.")
    if prepared.left_out:
        print_warning(f"not sent, as they are no part of a model: {', '.join(prepared.left_out)}.")
    if not yes:
        _show(prepared)
        return
    title = f"send {len(prepared.files)} files to {prepared.repository}"
    with make_display(errors) as display:
        display.expect(1)
        display.begin(title)
        address = push(prepared)
        display.end(title)
    print_location(prepared.kind, address)


def _show(prepared: PreparedPush) -> None:
    """Print the card and the files; the card first, as it may be long."""
    from rich.filesize import decimal
    from rich.table import Table

    output.print(prepared.card, highlight=False, soft_wrap=True)
    files = prepared.files
    visibility = "private" if prepared.is_private else "public"
    table = Table("file", "size", title=f"{prepared.repository}: a {visibility} {prepared.kind}")
    table.columns[0].overflow = "fold"
    table.columns[1].justify = "right"
    for name, size in files.items():
        table.add_row(VisibleText(name), decimal(size))
    table.add_section()
    table.add_row("in all", decimal(sum(files.values())))
    output.print(table)
    output.print("Nothing was sent; add --yes to send it.", highlight=False, soft_wrap=True)
