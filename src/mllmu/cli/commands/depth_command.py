"""``mllmu depth``: how deep the models of a run forgot."""

from __future__ import annotations

from typing import Annotated

import typer

from mllmu.cli.common_options import Device, ModelNames, RunFolder, Seed
from mllmu.cli.console import errors, output, prepare_libraries, print_location, print_warning


def depth(
    folder: RunFolder,
    models: ModelNames = None,
    people: Annotated[int, typer.Option("--people", min=1, help="People to forget to ask about.")] = 20,
    questions: Annotated[
        int, typer.Option("--questions", min=1, help="Taught questions about each, by face and by name.")
    ] = 5,
    seed: Seed = 0,
    device: Device = "auto",
) -> None:
    """Measure how deep the models of a run forgot, by patching their hidden states into vanilla.

    Example: [bold]mllmu depth runs/quick --model npo --people 10[/bold]
    """
    from mllmu.study.finished_run.named_models import finished_recipe, unlearned_models

    unlearned_models(finished_recipe(folder), models or [])
    # Torch is imported from here on, after every name that may be mistyped.
    from mllmu.report import depth_tables
    from mllmu.report.run_folder import DEPTH_FILE
    from mllmu.study import make_display, measure_depth

    prepare_libraries()
    measured = measure_depth(folder, models or [], people, questions, seed, device, make_display(errors))
    output.print(depth_tables(folder))
    if measured.left_out:
        names = ", ".join(measured.left_out)
        print_warning(f"{names}: not measured, as vanilla's hidden states are left as they were.")
    print_location("depth", folder / DEPTH_FILE)
