"""Benchmarks published on the Hugging Face hub."""

from __future__ import annotations

import re
from pathlib import Path

from mllmu.benchmark import layout
from mllmu.errors import UserError

# The retain configs are left where they are: they repeat every portrait, and who is retained follows from
# who is forgotten.
_CONFIGS = (
    layout.FULL,
    layout.CELEBRITIES,
    layout.TEST,
    layout.TRAINING,
    layout.HOLDOUT,
    layout.HOLDOUT_TEST,
    "forget_*",
)


def is_hub_id(source: str) -> bool:
    """Whether a text has the form of a hub id, ``owner/name``."""
    return re.fullmatch(r"[A-Za-z0-9][\w-]*/[A-Za-z0-9][\w.-]*", source) is not None


def download(dataset_id: str) -> Path:
    """Bring a dataset's Parquet files into the hub's cache, or find them there.

    Settings of the client such as ``HF_HUB_OFFLINE`` are respected.

    Returns:
        The folder of the snapshot.

    Raises:
        UserError: it is neither in the cache nor to be had.
    """
    from huggingface_hub import snapshot_download

    patterns = [f"{config}/*.parquet" for config in _CONFIGS]
    try:
        return Path(snapshot_download(dataset_id, repo_type="dataset", allow_patterns=patterns))
    except Exception as error:  # the client raises its own errors, httpx's and the system's
        reason = " ".join(str(error).split())[:200]
        raise UserError(
            f"{dataset_id} is no folder here, and could not be had from the Hugging Face hub as a dataset "
            f"({reason}); expected a benchmark folder or a hub id such as MLLMMU/MLLMU-Bench."
        ) from error
