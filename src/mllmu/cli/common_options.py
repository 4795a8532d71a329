"""Options that several commands share."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer


class UnlearnModality(str, Enum):
    """What a method unlearns on."""

    IMAGE_TEXT = "image_text"
    TEXT = "text"
    BOTH = "both"


Seed = Annotated[int, typer.Option("--seed", help="Fixes everything random.")]
Device = Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:N, or all (GPUs together).")]
Out = Annotated[Path, typer.Option("--out", help="A new or empty folder for the result.")]
BenchmarkSource = Annotated[
    str, typer.Option("--benchmark", help="'synthetic', a folder in the released layout, or a hub id.")
]
ModelSource = Annotated[str, typer.Option("--model", help="'tiny', a model folder, or a hub id.")]
AskedModel = Annotated[
    str, typer.Option("--model", help="'tiny', a model folder, a hub id, or the URL of a server's API.")
]
Forget = Annotated[int, typer.Option("--forget", help="Per cent of the people to forget.")]
Assignments = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change one setting; may be repeated."),
]
SettingsPreset = Annotated[
    str | None, typer.Option("--preset", help="Take the settings of this preset instead of the defaults.")
]
