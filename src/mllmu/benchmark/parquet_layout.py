"""Names of configs, columns and files in the layout that MLLMU-Bench was released in.

There is one folder per config, with Parquet files of the split ``train``; published as ``MLLMMU/MLLMU-Bench``
on the Hugging Face hub (arXiv 2410.22108). The columns of a config are the same wherever it is written or
read. The configs `HOLDOUT` and `HOLDOUT_TEST` and the columns `NAME` and `DETAILS` are additions.
"""

from __future__ import annotations

import re
from pathlib import Path

from mllmu.benchmark.types import Modality, Task
from mllmu.errors import UserError

FULL = "Full_Set"
CELEBRITIES = "Retain_Set"
TEST = "Test_Set"
TRAINING = "ft_Data"
HOLDOUT = "Holdout_Set"
HOLDOUT_TEST = "Holdout_Test_Set"
TRAINING_SPLIT = "baseline_train_split"
"""A repository of its own, with what each split's people are taught in the columns `ID` and `METADATA`."""

ID = "ID"
IMAGE = "image"
IMAGES = "images"
DIRECTORY = "Directory"
BIOGRAPHY = "biography"
PROMPT = "question"
PROSE = "answer"
METADATA = "metadata"
CLASSIFICATION = "Classification_Task"
GENERATION = "Generation_Task"
CLOZE = "Mask_Task"
NAME = "name"
DETAILS = "question_details"

LETTERS = ("A", "B", "C", "D")
CLASSIFICATION_LISTS = {
    Modality.IMAGE_TEXT: "Image_Textual_Questions",
    Modality.TEXT: "Pure_Text_Questions",
}
FREE_FORM_COLUMNS = {Task.GENERATION: GENERATION, Task.CLOZE: CLOZE}
FREE_FORM_TYPES = {Modality.IMAGE_TEXT: "Image_Textual", Modality.TEXT: "Pure_Text"}

_SHARD = re.compile(r"(?P<stem>.+)-(?P<index>\d{5})-of-(?P<count>\d{5})\.parquet")


def forget_config(ratio: int) -> str:
    """Name the config that lists the people to forget at ``ratio`` per cent."""
    return f"forget_{ratio}"


def retain_config(ratio: int) -> str:
    """Name the config that lists everybody else at forget ratio ``ratio``; its number is what is retained."""
    return f"retain_{100 - ratio}"


def forget_ratios(folder: Path) -> list[int]:
    """List the forget ratios that a benchmark folder has a config for, ascending."""
    matches = (re.fullmatch(r"forget_([1-9]\d?)", entry.name) for entry in folder.iterdir() if entry.is_dir())
    return sorted(int(match.group(1)) for match in matches if match)


def shard_name(index: int, count: int) -> str:
    """Name one of the ``count`` Parquet files of a config, as the hub does; ``index`` starts at 0."""
    return f"train-{index:05d}-of-{count:05d}.parquet"


def parquet_files(folder: Path, config: str) -> list[Path]:
    """List the Parquet files of a config in order.

    Raises:
        UserError: the config has no Parquet file, or one of several numbered ones is missing.
    """
    files = sorted((folder / config).glob("*.parquet"))
    if not files:
        raise UserError(
            f"{folder / config} has no Parquet file; expected {shard_name(0, 1)} there, as in the release."
        )
    for file in files:
        match = _SHARD.fullmatch(file.name)
        for index in range(int(match["count"]) if match else 0):
            sibling = file.with_name(_SHARD.sub(rf"\g<stem>-{index:05d}-of-\g<count>.parquet", file.name))
            if not sibling.exists():
                raise UserError(f"{sibling} is missing; expected it next to {file.name}.")
    return files
