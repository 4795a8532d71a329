"""What a report says of models that gave no answer to some of their questions."""

from __future__ import annotations

from pathlib import Path

from mllmu.evaluation import missing_answers_warning
from mllmu.report.people import read_some_records

_COLUMNS = ["task", "response", "chosen_letter"]


def missing_answers(records_folder: Path) -> list[str]:
    """A sentence for each model that gave no answer to more than 1 % of its questions.

    Raises:
        UserError: a file of records is damaged.
    """
    files = sorted(records_folder.glob("*.parquet"))
    warnings = {file.stem: missing_answers_warning(read_some_records(file, _COLUMNS)) for file in files}
    return [f"{stem}: {warning}" for stem, warning in warnings.items() if warning]
