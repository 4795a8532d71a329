"""``mllmu export``: write a model whole."""

from __future__ import annotations

from typing import Annotated

import typer

from mllmu.cli.common_options import Device, Out
from mllmu.cli.console import prepare_libraries, print_location, print_warning


def export(
    model: Annotated[str, typer.Argument(help="'tiny', a model folder, or a hub id.", metavar="MODEL")],
    out: Out,
    device: Device = "auto",
) -> None:
    """Write a model with its adapters merged, for programs such as transformers that load whole models.

    Example: [bold]mllmu export models/npo --out exported[/bold]
    """
    from mllmu.models import model_location

    model_location(model)
    # Torch is imported from here on, after every name that may be mistyped.
    from mllmu.study import export_model

    prepare_libraries()
    if around := export_model(model, out, device):
        print_warning(f"{', '.join(around)}: read by mllmu alone; other programs have the model without.")
    print_location("model", out)
