"""``mllmu recoverability``: what the models of a run still answer when they are asked another way."""

from __future__ import annotations

from typing import Annotated

import typer

from mllmu.cli.common_options import Device, ModelNames, RunFolder, Seed
from mllmu.cli.console import errors, output, prepare_libraries, print_location


def recoverability(
    folder: RunFolder,
    models: ModelNames = None,
    people: Annotated[int, typer.Option("--people", min=1, help="People to forget to ask about.")] = 20,
    seed: Seed = 0,
    device: Device = "auto",
) -> None:
    """Measure what the models of a run still answer of what they fail: reworded, indirect, after a denial.

    Example: [bold]mllmu recoverability runs/quick --model npo[/bold]
    """
    from mllmu.study.finished_run.named_models import finished_recipe, unlearned_models

    unlearned_models(finished_recipe(folder), models or [])
    # Torch is imported from here on, after every name that may be mistyped.
    from mllmu.report import recoverability_tables
    from mllmu.report.run_folder import RECOVERABILITY_FILE
    from mllmu.study import make_display, measure_recoverability

    prepare_libraries()
    measure_recoverability(folder, models or [], people, seed, device, make_display(errors))
    output.print(recoverability_tables(folder))
    print_location("recoverability", folder / RECOVERABILITY_FILE)
