"""``mllmu unlearn``: make a model forget."""

from __future__ import annotations

from typing import Annotated

import typer

from mllmu.cli.common_options import (
    Assignments,
    Attributes,
    BenchmarkSource,
    Device,
    Forget,
    LogTo,
    ModelSource,
    Out,
    Seed,
    SettingsPreset,
    UnlearnModality,
    trackers_of,
)
from mllmu.cli.console import errors, prepare_libraries, print_location


def unlearn(
    method: Annotated[str, typer.Argument(help="See: mllmu list methods.")],
    benchmark: BenchmarkSource,
    model: ModelSource,
    forget: Forget,
    out: Out,
    modality: Annotated[
        UnlearnModality, typer.Option("--modality", help="Unlearn on faces, on names, or on both.")
    ] = UnlearnModality.BOTH,
    preset: SettingsPreset = None,
    assignments: Assignments = None,
    attributes: Attributes = None,
    seed: Seed = 0,
    device: Device = "auto",
    log_to: LogTo = None,
) -> None:
    """Make a fine-tuned model forget some of its people.

    Example: [bold]mllmu unlearn npo --benchmark people --model vanilla --forget 10 --out npo[/bold]
    """
    from mllmu.models import model_location
    from mllmu.study import method_settings
    from mllmu.unlearning import get_method

    model_location(model)
    get_method(method)
    settings = method_settings(method, modality.value, preset, assignments or [])
    # Torch is imported from here on, after every name that may be mistyped.
    from mllmu.study import StepSetting, make_display, unlearn_model

    prepare_libraries()
    setting = StepSetting(benchmark, model, out, seed, device, make_display(errors), trackers_of(log_to))
    unlearn_model(setting, method, forget, modality.value, settings, attributes or [])
    print_location("model", out)
