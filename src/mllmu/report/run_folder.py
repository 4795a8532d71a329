"""How the folder of a run is laid out: what `study` writes there and the report reads."""

from __future__ import annotations

import re
from hashlib import sha256

_NO_PART_OF_NAMES = re.compile(r"[^\w.-]")
_LONGEST_NAME = 180

RECIPE_FILE = "recipe.yaml"
RESULTS_FILE = "results.parquet"
PERSON_SCORES_FILE = "person_scores.parquet"
COMPARISONS_FILE = "comparisons.parquet"
TRAJECTORY_FILE = "trajectory.parquet"
TRAINING_LOG_FILE = "training_log.parquet"
DEPTH_FILE = "depth.parquet"
RECOVERABILITY_FILE = "recoverability.parquet"
WARNINGS_FILE = "warnings.txt"
REPORT_FILE = "report.html"
RECORDS_FOLDER = "records"
EVALUATIONS_FOLDER = "evaluations"
TABLES_FOLDER = "tables"
TENSORBOARD_FOLDER = "tensorboard"
STAGES_FOLDER = "stages"
JOINED_FILE = "report_of.txt"

#: What a run makes beside its stages, its records and its tables, and what is made of it afterwards.
MADE_FILES = (
    RESULTS_FILE,
    PERSON_SCORES_FILE,
    TRAJECTORY_FILE,
    TRAINING_LOG_FILE,
    COMPARISONS_FILE,
    DEPTH_FILE,
    RECOVERABILITY_FILE,
    REPORT_FILE,
)


def records_name(model: str, protocol: str = "") -> str:
    """What the file of a model's records is called; it lies in one folder, whatever the model is called.

    Args:
        model: as `Lineage.file_stem` gives it; parts of it come from tables that others may have written.
        protocol: how it was asked, where the folder holds answers to several protocols.
    """
    name = f"{_shortened(model)}-{protocol}" if protocol else _shortened(model)
    return f"{_NO_PART_OF_NAMES.sub('_', name)}.parquet"


def _shortened(name: str) -> str:
    """A name that leaves room for endings and temporary marks where file names have at most 255 bytes."""
    encoded = name.encode()
    if len(encoded) <= _LONGEST_NAME:
        return name
    digest = sha256(encoded).hexdigest()[:16]
    return f"{encoded[: _LONGEST_NAME - 17].decode(errors='ignore')}-{digest}"
