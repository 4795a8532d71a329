"""``mllmu export``: write a model whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mllmu.cli.common_options import Device, Out, path_option
from mllmu.cli.console import prepare_libraries, print_location, print_warning


def export(
    model: Annotated[
        str,
        typer.Argument(
            help="'tiny', a model folder, or a hub id; with --run, one of its models by name.",
            metavar="MODEL",
        ),
    ],
    out: Out,
    run: Annotated[Path | None, path_option("--run", "The finished run that made it.")] = None,
    device: Device = "auto",
) -> None:
    """Write a model with its adapters merged, for programs such as transformers that load whole models.

    Example: [bold]mllmu export npo --run runs/quick --out exported[/bold]
    """
    from mllmu.models import model_location
    from mllmu.study.finished_run.named_models import finished_recipe, named_model

    if run is None:
        model_location(model)
    else:
        named_model(finished_recipe(run), model)
    # Torch is imported from here on, after every name that may be mistyped.
    from mllmu.study import export_model

    prepare_libraries()
    if around := export_model(model, out, device, run):
        print_warning(f"{', '.join(around)}: read by mllmu alone; other programs have the model without.")
    print_location("model", out)
