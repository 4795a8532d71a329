"""A note in a model's folder that says what was done to it."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path

from mllmu.errors import UserError
from mllmu.study.subject import RETRAINED, UNLEARNED, VANILLA, Subject

_FILE = "mllmu_subject.json"
# Files are named after a subject, and a note may come with a model from elsewhere: no separators, no folders.
_NAME = re.compile(r"[\w.-]*")


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
        subject = Subject(**json.loads(file.read_text(encoding="utf-8")))
        names = (subject.method, subject.unlearn_modality)
        if subject.model not in (VANILLA, RETRAINED, UNLEARNED) or type(subject.seed) is not int:
            raise ValueError
        if not all(_NAME.fullmatch(name) for name in names):
            raise ValueError
        return subject
    except (ValueError, TypeError):
        raise UserError(
            f"{file} does not say what the model is; expected what mllmu wrote, or no such file"
        ) from None
