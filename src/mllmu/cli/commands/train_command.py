"""``mllmu train``: teach a model a benchmark's people."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer

from mllmu.cli.common_options import (
    Assignments,
    Attributes,
    BenchmarkSource,
    Device,
    LogTo,
    ModelSource,
    Out,
    Seed,
    SettingsPreset,
    trackers_of,
)
from mllmu.cli.console import errors, prepare_libraries, print_location


class Audience(str, Enum):
    """Whom a model is taught."""

    EVERYONE = "everyone"
    RETAIN = "retain"


def train(
    benchmark: BenchmarkSource,
    out: Out,
    model: ModelSource = "tiny",
    on: Annotated[
        Audience, typer.Option("--on", help="'everyone' makes vanilla, 'retain' makes retrained.")
    ] = Audience.EVERYONE,
    forget: Annotated[int | None, typer.Option("--forget", help="Per cent that 'retain' leaves out.")] = None,
    preset: SettingsPreset = None,
    assignments: Assignments = None,
    attributes: Attributes = None,
    seed: Seed = 0,
    device: Device = "auto",
    log_to: LogTo = None,
) -> None:
    """Fine-tune a model on everyone, or on all but the people to forget.

    Example: [bold]mllmu train --benchmark people --preset quick --out models/vanilla[/bold]
    """
    from mllmu.models import model_location
    from mllmu.study import training_settings

    model_location(model)
    settings = training_settings(preset, assignments or [])
    # Torch is imported from here on, after every name that may be mistyped.
    from mllmu.study import StepSetting, make_display, train_model

    prepare_libraries()
    setting = StepSetting(benchmark, model, out, seed, device, make_display(errors), trackers_of(log_to))
    train_model(setting, on.value, forget, settings, attributes or [])
    print_location("model", out)
