"""What a model's folder says beside what Hugging Face writes: its system prompt, and its wrappers."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from mllmu.errors import UserError, first_line
from mllmu.json_text import parse_json

SETTINGS_FILE = "mllmu.json"
MERGED_IN = "merged_in"
"""Key in a model's settings: the number format of the weights that its adapter was merged into."""
WRAPPERS_FOLDER = "wrappers"


class _Settings(BaseModel):
    """What every reader relies on; other entries are their readers' own."""

    model_config = ConfigDict(extra="allow", strict=True)

    system_prompt: str = ""
    wrappers: list[str] = []
    merged_in: Literal["", "float32", "bfloat16", "float16"] = ""


def read_settings(location: str) -> dict[str, Any]:
    """What `save_model` wrote beside the weights; empty for models from elsewhere.

    Raises:
        UserError: the file is damaged, or holds a system prompt or wrappers of another kind.
    """
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
    try:
        _Settings.model_validate(settings)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise UserError(f"{file}: {name}: {first['msg']}; expected what save_model wrote.") from error
    return settings


def settings_folder(location: str, only_in_cache: bool) -> str:
    """Where the settings and wrappers of a model lie; those of a hub's are downloaded, its weights are not.

    Args:
        location: a folder, or a hub id.
        only_in_cache: whether no hub is to be asked.

    Raises:
        UserError: a hub breaks off.
    """
    if Path(location).is_dir():
        return location
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    wanted = [SETTINGS_FILE, f"{WRAPPERS_FOLDER}/*"]
    try:
        return snapshot_download(location, allow_patterns=wanted, local_files_only=only_in_cache)
    except LocalEntryNotFoundError:
        return location  # nothing of it is here: what is missing is told when the model is loaded
    except (OSError, ValueError) as error:
        raise UserError(
            f"The settings of model '{location}' could not be had ({first_line(error)}); expected its "
            f"{SETTINGS_FILE}, if it has one."
        ) from error
