"""A note in a model's folder that says what was done to it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from mllmu.errors import UserError
from mllmu.study.subject import UNLEARNED, Subject

_FILE = "mllmu_subject.json"


def write_subject(subject: Subject, folder: Path) -> None:
    """Note in a model's folder what the model is."""
    (folder / _FILE).write_text(json.dumps(asdict(subject), indent=2) + "\n", encoding="utf-8")


def read_subject(source: str) -> Subject:
    """What a model is: as noted, or a method named like the model where it was made elsewhere.

    Args:
        source: a model folder, a hub id, or the name of a built-in model.

    Raises:
        UserError: if there is a note that cannot be read.
    """
    file = Path(source) / _FILE
    if not file.is_file():
        return Subject(UNLEARNED, seed=0, method=Path(source).name)
    try:
        return Subject(**json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        raise UserError(
            f"{file} does not say what the model is; expected what mllmu wrote, or no such file"
        ) from None
