"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from mllmu.errors import UserError


def path_that_is_named(name: str) -> Path:
    """A path from the command line; an empty one would mean the folder that the command is called in.

    Raises:
        UserError: the name is empty, as that of a shell variable that is not set.
    """
    if not name.strip():
        raise UserError("A path is empty (''); expected the name of a folder or file, '.' for this folder.")
    return Path(name)


def path_option(flag: str, text: str) -> Any:
    """An option that is a path; help says `text`."""
    return typer.Option(flag, help=text, parser=path_that_is_named, metavar="PATH")


def path_argument(metavar: str, text: str) -> Any:
    """An argument that is a path; help says `text`."""
    return typer.Argument(help=text, parser=path_that_is_named, metavar=metavar)


class UnlearnModality(str, Enum):
    """What a method unlearns on."""

    IMAGE_TEXT = "image_text"
    TEXT = "text"
    BOTH = "both"


class AskedPrecision(str, Enum):
    """What a model is asked in; "auto" is float32 on a CPU and bfloat16 on a GPU."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


class Tracker(str, Enum):
    """Who is told of each step of a training while it is taken."""

    TENSORBOARD = "tensorboard"
    WANDB = "wandb"
    TRACKIO = "trackio"


LogTo = Annotated[
    list[Tracker] | None,
    typer.Option("--log-to", help="Tell this tracker of each step of trainings; may be repeated."),
]


def seed_option(name: str, purpose: str) -> Any:
    """A seed, within the bounds that those of recipes have."""
    return typer.Option(name, min=-(2**63), max=2**63 - 1, help=purpose)


Seed = Annotated[int, seed_option("--seed", "Fixes everything random.")]
Limit = Annotated[
    int | None,
    typer.Option("--limit", min=1, help="At most so many questions of each set, modality and task."),
]
Device = Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:N, or all (GPUs together).")]
Out = Annotated[
    Path,
    path_option("--out", "A new or empty folder for the result."),
]
BenchmarkSource = Annotated[
    str, typer.Option("--benchmark", help="'synthetic', a folder in the released layout, or a hub id.")
]
ModelSource = Annotated[str, typer.Option("--model", help="'tiny', a model folder, or a hub id.")]
AskedModel = Annotated[
    str, typer.Option("--model", help="'tiny', a model folder, a hub id, or the URL of a server's API.")
]
Forget = Annotated[int, typer.Option("--forget", help="Per cent of the people to forget.")]
Attributes = Annotated[
    list[str] | None,
    typer.Option(
        "--attribute",
        help="Forget this attribute alone, e.g. profession; repeat it for several. Everything by default.",
    ),
]
Assignments = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change one setting; may be repeated."),
]
SettingsPreset = Annotated[
    str | None, typer.Option("--preset", help="Take the settings of this preset instead of the defaults.")
]

RunFolder = Annotated[Path, path_argument("RUN", "The folder of a finished run.")]
ModelNames = Annotated[
    list[str] | None,
    typer.Option("--model", help="A method, or a model as its records are called; again for several."),
]


def trackers_of(log_to: Sequence[Tracker] | None) -> tuple[str, ...]:
    """The names of the trackers that were asked for, each once."""
    return tuple(dict.fromkeys(tracker.value for tracker in log_to or ()))
