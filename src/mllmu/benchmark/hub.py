"""Download of benchmarks from the Hugging Face hub, and look-up in its local cache."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from mllmu.benchmark import parquet_layout
from mllmu.hub_access import from_hub

_FORGET = "[Ff][Oo][Rr][Gg][Ee][Tt]*"
"""Whichever way it is written: forget_5, forget05, Forget-5."""
# The retain configs are left where they are: they repeat every portrait, and who is retained follows from
# who is forgotten.
BENCHMARK_CONFIGS = (
    parquet_layout.FULL,
    parquet_layout.CELEBRITIES,
    parquet_layout.TEST,
    parquet_layout.TRAINING,
    parquet_layout.HOLDOUT,
    parquet_layout.HOLDOUT_TEST,
    parquet_layout.PERCEPTION,
    _FORGET,
)
TRAINING_SPLIT_CONFIGS = (_FORGET, "[Rr][Ee][Tt][Aa][Ii][Nn]*")


def download(dataset_id: str) -> Path:
    """Download a dataset's Parquet files and its card into the hub's cache, unless they are there already.

    The card says whether the celebrities are invented. A cached copy without one counts as complete.

    Returns:
        The folder of the snapshot.

    Raises:
        UserError: it is neither in the cache nor to be had.
    """
    from huggingface_hub import snapshot_download

    patterns = [*_patterns(BENCHMARK_CONFIGS), parquet_layout.CARD]
    return from_hub(
        "dataset",
        dataset_id,
        lambda: Path(snapshot_download(dataset_id, repo_type="dataset", allow_patterns=patterns)),
        lambda: cached(dataset_id, BENCHMARK_CONFIGS),
        "a benchmark folder or a hub id such as MLLMMU/MLLMU-Bench",
    )


def cached(dataset_id: str, configs: Sequence[str]) -> Path | None:
    """Find a dataset's snapshot in the hub's cache without asking the hub.

    Args:
        dataset_id: ``owner/name``.
        configs: those that have to be complete; a star stands for anything.

    Returns:
        The folder of the snapshot; None where it is not there, or not all of it.
    """
    from huggingface_hub import snapshot_download

    try:
        return Path(
            snapshot_download(
                dataset_id, repo_type="dataset", allow_patterns=_patterns(configs), local_files_only=True
            )
        )
    except Exception:  # the client raises its own errors and the system's
        return None


def cached_neighbor(snapshot: Path, name: str, configs: Sequence[str]) -> Path | None:
    """Find another dataset of the same owner in the hub's cache.

    Args:
        snapshot: a benchmark folder.
        name: the other dataset's name, without its owner.
        configs: as for `cached`.

    Returns:
        The folder of the other dataset's snapshot; None where it is not cached, or where ``snapshot`` is no
        snapshot in the hub's cache (``datasets--owner--name/snapshots/commit``).
    """
    repository = re.fullmatch(r"datasets--(?P<owner>.+?)--.+", snapshot.parent.parent.name)
    if repository is None or snapshot.parent.name != "snapshots":
        return None
    return cached(f"{repository['owner']}/{name}", configs)


def _patterns(configs: Sequence[str]) -> list[str]:
    return [f"{config}/*.parquet" for config in configs]
