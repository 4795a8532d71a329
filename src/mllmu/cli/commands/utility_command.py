"""``mllmu utility``: what else a model can do, by lmms-eval."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from mllmu.cli.common_options import Device, Seed, path_option
from mllmu.cli.console import output, print_location
from mllmu.errors import UserError


def utility(
    model: Annotated[
        str | None, typer.Argument(metavar="MODEL", help="'tiny', a model folder, or a hub id.")
    ] = None,
    tasks: Annotated[
        str, typer.Option("--tasks", help="Tasks of lmms-eval with commas: mmmu_val,mme,llava_in_the_wild.")
    ] = "",
    out: Annotated[
        Path | None,
        path_option("--out", "A new or empty folder for the result; with --read, where to put the table."),
    ] = None,
    read: Annotated[
        Path | None, path_option("--read", "Ask nothing, and show what lmms-eval wrote below this folder.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="At most so many questions of each task.")
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option("--batch-size", min=1, help="At most so many questions at a time; fitting if left out."),
    ] = None,
    include_path: Annotated[
        Path | None, path_option("--include-path", "A folder with further tasks of lmms-eval, as YAML.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the command line of lmms-eval, and ask nothing.")
    ] = False,
    seed: Seed = 0,
    device: Device = "auto",
) -> None:
    r"""Ask a model for general ability (MMMU, MME, POPE, LLaVA-Bench, ...) by lmms-eval.

    Needs lmms-eval: pip install 'mllmu\[utility]'. Answers to LLaVA-Bench are rated by mllmu judge llava.

    Example: [bold]mllmu utility models/npo --tasks mmmu_val,mme --limit 200 --out utility/npo[/bold]
    """
    from mllmu.bridges.lmms_eval.utility_command_line import UtilityWish, utility_command_line
    from mllmu.models import model_location

    if read is not None:
        if any((model, tasks, dry_run, limit, batch_size, include_path, seed, device != "auto")):
            raise UserError("--read shows what is there already; expected nothing else but --out")
        _show_what_is_there(read, out)
        return
    if model is None or out is None:
        raise UserError(
            "expected a MODEL to ask and --out for the result, or --read with a folder of results"
        )
    if include_path is not None and not include_path.is_dir():
        raise UserError(f"There is no folder {include_path}; expected one with tasks, as --include-path")
    wish = UtilityWish(model, tasks, limit, batch_size, device, seed, include_path)
    words = utility_command_line(wish, out)
    model_location(model)
    if dry_run:
        output.print(shlex.join(words), highlight=False, soft_wrap=True)
        return
    from mllmu.bridges.lmms_eval.run_lmms_eval import UTILITY_FILE, run_lmms_eval
    from mllmu.cli.utility_view import utility_view

    output.print(utility_view(run_lmms_eval(wish, out)))
    print_location("table", out / UTILITY_FILE)


def _show_what_is_there(folder: Path, out: Path | None) -> None:
    """Show the results below a folder, and write their table if there is somewhere to put it."""
    from mllmu.bridges.lmms_eval.run_lmms_eval import UTILITY_FILE, write_utility
    from mllmu.bridges.lmms_eval.utility_table import read_utility
    from mllmu.cli.utility_view import utility_view

    table = read_utility(folder)
    output.print(utility_view(table))
    if out is not None:
        write_utility(table, out)
        print_location("table", out / UTILITY_FILE)
