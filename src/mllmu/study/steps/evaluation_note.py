"""The note beside an evaluation's records that says what was asked, and how: settings, weights, precision."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mllmu.errors import UserError
from mllmu.evaluation import asked_in, precision_name
from mllmu.files import atomic_file
from mllmu.inference.endpoint import is_url
from mllmu.json_text import parse_json
from mllmu.models import device_of
from mllmu.models.storage.model_chain import model_chain
from mllmu.models.storage.stored_digests import own_digest
from mllmu.report.run_folder import EVALUATIONS_FOLDER
from mllmu.study.pipeline.execution.stage_store import recorded_versions
from mllmu.training import Precision
from mllmu.unlearning.lineage import Lineage

_LOG = logging.getLogger(__name__)


def write_evaluation_note(folder: Path, name: str, note: Mapping[str, Any]) -> None:
    """Store a note, and the versions of what the evaluation was made with.

    Args:
        folder: of the evaluation.
        name: what its records are called, without the ending.
        note: what `mllmu evaluate` was told; the ``precision`` it asked in, if it knows; and of the model,
            ``lineage`` (its columns), ``model_seed`` and ``weights`` (see `weights_of`).
    """
    store_note(folder, name, {**note, "versions": recorded_versions()})


def store_note(folder: Path, name: str, note: Mapping[str, Any]) -> None:
    """Put a whole note in the place of the one there is; reports on several folders keep theirs.

    Args:
        folder: of the evaluation.
        name: what its records are called, without the ending.
        note: what it is to hold.

    Raises:
        UserError: it cannot be written.
    """
    file = _note_file(folder, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(note, indent=2, ensure_ascii=False, default=str)
    with atomic_file(file) as unfinished:
        unfinished.write_text(f"{text}\n", encoding="utf-8")


def precision_asked(precision: Precision, device: str) -> str:
    """What notes call the precision in which a model in memory is asked, see `asked_in`."""
    return precision_name(asked_in(precision, device_of(device)))


def weights_of(model: str) -> str:
    """A digest of the weights of a model, of an adapter's own where it is one; empty for a server's.

    Args:
        model: ``tiny``, a folder, a hub id, or the URL of a server's API.

    Raises:
        UserError: they are not there, or damaged.
    """
    return "" if is_url(model) else own_digest(model_chain(model).locations[0])


def warn_of_other_precision(note: Mapping[str, Any], references: Iterable[Path]) -> None:
    """Say so where a model is compared with others that were asked in another precision.

    Raises:
        UserError: a note is damaged.
    """
    for folder in references:
        for other in evaluation_notes(folder):
            if note["precision"] and other.get("precision") not in (None, "", note["precision"]):
                _LOG.warning(
                    "The model of %s was asked in %s, this one in %s: part of the difference is rounding.",
                    folder,
                    other["precision"],
                    note["precision"],
                )


def require_evaluated(folder: Path, lineage: Lineage, seed: int, model: Path) -> None:
    """Refuse scores of other weights than a model's; of those without a note nobody knows.

    Args:
        folder: of an evaluation, or of a report on several.
        lineage: what was done to the model.
        seed: of its training.
        model: the folder in which it lies.

    Raises:
        UserError: other weights were asked, or a note is damaged.
    """
    for note in evaluation_notes(folder):
        is_of_model = note.get("lineage") == lineage.columns and note.get("model_seed") == seed
        asked = str(note.get("weights") or "")
        if is_of_model and asked and asked != (now := own_digest(str(model))):
            raise UserError(
                f"The scores in {folder} are of other weights than {model} holds now (digests {asked[:12]} "
                f"and {now[:12]}); expected an evaluation of this model as it is"
            )


def evaluation_notes(folder: Path) -> Iterator[Mapping[str, Any]]:
    """The notes of an evaluation, or of a report on several.

    Raises:
        UserError: one is damaged.
    """
    for file in sorted((folder / EVALUATIONS_FOLDER).glob("*.json")):
        yield evaluation_note(folder, file.stem)


def evaluation_note(folder: Path, name: str) -> Mapping[str, Any]:
    """The note on some records of an evaluation, or of a report on several; empty if there is none.

    Raises:
        UserError: it is damaged.
    """
    file = _note_file(folder, name)
    if not file.exists():
        return {}
    try:
        note = parse_json(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{file} cannot be read ({error}); expected what mllmu wrote") from error
    if not isinstance(note, dict):
        raise UserError(f"{file} holds no note; expected what mllmu wrote")
    return note


def _note_file(folder: Path, name: str) -> Path:
    return folder / EVALUATIONS_FOLDER / f"{name}.json"
