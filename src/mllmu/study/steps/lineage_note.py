"""A note in a model's folder that says what was done to it."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import asdict
from os.path import abspath, basename
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from mllmu.errors import UserError
from mllmu.json_text import RepeatedKeyError, parse_json
from mllmu.models import LoadedModel, store_model
from mllmu.models.storage.built_in_models import built_in_model
from mllmu.processes import is_main_process
from mllmu.study.recipe.evaluation_settings import SettingSeed
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, Lineage, LineageStep

LINEAGE_FILE = "mllmu_lineage.json"
_LOG = logging.getLogger(__name__)
# Files are named after a lineage, and a note may come with a model from elsewhere: no separators, no folders.
_NAME = re.compile(r"[\w.-]*")
_SEED: TypeAdapter[int] = TypeAdapter(SettingSeed)


def save_descendant(loaded: LoadedModel, lineage: Lineage, seed: int, folder: Path) -> None:
    """Store a model with a note of what was done to it; of several processes that have it, the first does."""
    if is_main_process():
        store_model(loaded, folder)
        write_lineage(lineage, seed, folder)


def write_lineage(lineage: Lineage, seed: int, folder: Path) -> None:
    """Note in a model's folder what was done to it, and with which seed."""
    note = {"seed": seed, "steps": [asdict(step) for step in lineage.steps]}
    (folder / LINEAGE_FILE).write_text(json.dumps(note, indent=2) + "\n", encoding="utf-8")


def read_lineage(source: str) -> tuple[Lineage, int]:
    """What was done to a model, and with which seed: as noted, or nothing that anybody knows of.

    Args:
        source: a model folder, a hub id, or the name of a built-in model.

    Raises:
        UserError: if there is a note that cannot be read.
    """
    file = Path(source) / LINEAGE_FILE
    if not file.is_file():
        return Lineage(), 0
    try:
        note = parse_json(file.read_text(encoding="utf-8"))
        steps = tuple(_checked(LineageStep(**step)) for step in note["steps"])
        return Lineage(steps), _SEED.validate_python(note["seed"], strict=True)
    except RepeatedKeyError as error:
        raise UserError(f"{file} cannot be read: {error}; expected every key once") from None
    except ValidationError:  # which tables could not hold, after all questions are answered
        raise UserError(
            f"{file} has a seed that is no whole number from -2**63 to 2**63 - 1; expected what mllmu wrote, "
            "or no such file"
        ) from None
    except (ValueError, TypeError, KeyError):
        raise UserError(
            f"{file} does not say what was done to the model; expected what mllmu wrote, or no such file"
        ) from None


def warn_of_nothing_to_forget(source: str, lineage: Lineage) -> None:
    """Say so where a model that is to forget people is known not to have been taught about them."""
    if not lineage.steps and built_in_model(source):
        _LOG.warning("Model %s was never taught about these people; mllmu train teaches it.", source)
    elif lineage == RETRAINED_LINEAGE:
        _LOG.warning(
            "Model %s was taught about those to retain alone: there may be nothing to forget.", source
        )
    elif lineage.method:
        _LOG.warning(
            "Model %s was made to forget people before. Whoever of them is not to be forgotten now counts as "
            "retained, and is taught again by methods that rehearse whom they retain.",
            source,
        )


def named_lineage(source: str) -> tuple[Lineage, int]:
    """As `read_lineage`, with a model that was made elsewhere as a method named like the model."""
    lineage, seed = read_lineage(source)
    # Whatever the folder is called by: "." has no name, and is one.
    return (lineage if lineage.steps else lineage.unlearned(basename(abspath(source)), "")), seed


def _checked(step: LineageStep) -> LineageStep:
    parts: list[Any] = [step.kind, step.variant, step.modality]
    if not step.kind or not all(isinstance(part, str) and _NAME.fullmatch(part) for part in parts):
        raise ValueError
    return step
