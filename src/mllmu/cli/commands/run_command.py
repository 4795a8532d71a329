"""``mllmu run``: the whole benchmark."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from mllmu.cli.common_options import Assignments, Device, Limit, LogTo, path_option, trackers_of
from mllmu.cli.console import errors, output, prepare_libraries, print_location
from mllmu.errors import UserError


class ExecutorKind(str, Enum):
    """Where the stages of a run are made."""

    LOCAL = "local"
    RAY = "ray"


def run(
    preset: Annotated[
        str | None,
        typer.Option("--preset", help="quick, which is the default, or paper; see: mllmu list presets."),
    ] = None,
    recipe: Annotated[
        Path | None,
        path_option("--recipe", "A recipe file instead of a preset."),
    ] = None,
    assignments: Assignments = None,
    out: Annotated[
        Path | None,
        path_option("--out", "Folder of the run; runs/NAME of the preset or recipe if left out."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", help="Seed of training; short for --set seeds.")
    ] = None,
    limit: Limit = None,
    device: Device = "auto",
    workers: Annotated[
        int, typer.Option("--workers", min=1, help="How many stages are made at once, each by a process.")
    ] = 1,
    executor: Annotated[
        ExecutorKind,
        typer.Option("--executor", help="Who makes stages: this machine, or a Ray cluster."),
    ] = ExecutorKind.LOCAL,
    address: Annotated[
        str | None,
        typer.Option("--address", help="Address of the Ray cluster: auto, HOST:PORT or ray://HOST:PORT."),
    ] = None,
    log_to: LogTo = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Only list the stages: which are done, and what time and memory others may take.",
        ),
    ] = False,
) -> None:
    r"""Run the whole benchmark; running it again resumes.

    Example: [bold]mllmu run --preset quick --set 'forget_ratios=\[5, 10]' --out runs/mine[/bold]
    """
    if address is not None and executor is not ExecutorKind.RAY:
        raise UserError(f"--address {address} is that of a cluster; expected --executor ray beside it")
    cluster = (address or "auto") if executor is ExecutorKind.RAY else None
    from mllmu.models import model_location
    from mllmu.study import make_display, make_recipe
    from mllmu.study.recipe.presets import DEFAULT_PRESET

    for option, key, given in (("--seed", "seeds", seed), ("--limit", "evaluation.limit", limit)):
        if given is not None and any(each.split("=")[0].strip() == key for each in assignments or []):
            raise UserError(f"{option} and --set {key} say the same twice; expected one of them")
    changes = [*(assignments or []), *([] if seed is None else [f"seeds=[{seed}]"])]
    changes += [] if limit is None else [f"evaluation.limit={limit}"]
    wanted = make_recipe(preset, recipe, changes)
    model_location(wanted.model)
    folder = out or Path("runs") / (recipe.stem if recipe else preset or DEFAULT_PRESET)
    # Torch is imported from here on, after every name that may be mistyped.
    from mllmu.cli.forecast_view import forecast_table
    from mllmu.report import read_person_scores, read_trajectories, terminal_table
    from mllmu.study import forecast_run
    from mllmu.study import run as carry_out
    from mllmu.training import require_trackers

    prepare_libraries()
    if dry_run:
        require_trackers(trackers_of(log_to))
        output.print(forecast_table(forecast_run(wanted, folder, device), workers))
        return
    finished = carry_out(wanted, folder, device, make_display(errors), workers, trackers_of(log_to), cluster)
    output.print(
        terminal_table(
            finished.results, read_person_scores(finished.folder), read_trajectories(finished.folder)
        )
    )
    print_location("results", finished.results_file)
    print_location("report", finished.report_file)
