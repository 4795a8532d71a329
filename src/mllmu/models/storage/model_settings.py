"""What a model's folder says beside what Hugging Face writes: its system prompt, and its wrappers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mllmu.errors import UserError
from mllmu.json_text import parse_json

SETTINGS_FILE = "mllmu.json"


def read_settings(location: str) -> dict[str, Any]:
    """What `save_model` wrote beside the weights; empty for models from elsewhere."""
    file = Path(location) / SETTINGS_FILE
    if not file.is_file():
        return {}
    try:
        settings = parse_json(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(
            f"{file} cannot be read as JSON ({error}); expected what save_model wrote."
        ) from error
    if not isinstance(settings, dict):
        raise UserError(f"{file} holds {type(settings).__name__}; expected a JSON object.")
    return settings
