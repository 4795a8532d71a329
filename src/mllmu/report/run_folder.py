"""How the folder of a run is laid out: what `study` writes there and the report reads."""

from __future__ import annotations

RECIPE_FILE = "recipe.yaml"
RESULTS_FILE = "results.parquet"
REPORT_FILE = "report.html"
RECORDS_FOLDER = "records"
TABLES_FOLDER = "tables"


def records_stem(model: str, method: str, unlearn_modality: str, forget_ratio: int, seed: int) -> str:
    """What the file of one model's records is called before its suffix, e.g. ``npo-text-forget10-seed0``.

    Args:
        model: ``vanilla``, ``retrained`` or ``unlearned``.
        method: how it unlearned; empty for the other two.
        unlearn_modality: what it unlearned on; empty for the other two.
        forget_ratio: per cent of the people that count as forgotten.
        seed: of its training.
    """
    parts = [method or model, unlearn_modality, f"forget{forget_ratio}", f"seed{seed}"]
    return "-".join(part for part in parts if part)
