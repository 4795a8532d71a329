"""Names of configs, columns and files in the layout that MLLMU-Bench was released in.

There is one folder per config, with Parquet files of the split ``train``; published as ``MLLMMU/MLLMU-Bench``
on the Hugging Face hub (arXiv 2410.22108). The columns of a config are the same wherever it is written or
read. The configs `HOLDOUT`, `HOLDOUT_TEST` and `PERCEPTION` and the columns `NAME` and `DETAILS` are
additions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mllmu.benchmark.types import Modality, Task
from mllmu.errors import UserError

FULL = "Full_Set"
CELEBRITIES = "Retain_Set"
TEST = "Test_Set"
TRAINING = "ft_Data"
HOLDOUT = "Holdout_Set"
HOLDOUT_TEST = "Holdout_Test_Set"
PERCEPTION = "Perception_Set"
TRAINING_SPLIT = "baseline_train_split"
"""A repository of its own, with what each split's people are taught in the columns `ID` and `METADATA`."""
CARD = "README.md"
"""Not of the layout, but beside its configs: what the folder holds, for a hub and for people."""

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

_SPLIT_NAME = re.compile(r"(?:forget|retain)[_\- ]*0*(?P<number>[1-9]\d?)[_\- ]*(?:%|pct|percent)?", re.I)
_TABLE_SUFFIXES = frozenset({".parquet", ".json", ".jsonl", ".csv"})
_SHARD = re.compile(r"(?P<stem>.+)-(?P<index>\d{5})-of-(?P<count>\d{5})\.parquet")


@dataclass(frozen=True)
class SplitConfigs:
    """Names of the folders of one split, as they are written.

    Attributes:
        forget: the folder of those to forget.
        retain: the folder of everybody else; None where there is none.
    """

    forget: str
    retain: str | None


def forget_config(ratio: int) -> str:
    """Name the config that lists the people to forget at ``ratio`` per cent."""
    return f"forget_{ratio}"


def retain_config(ratio: int) -> str:
    """Name the config that lists everybody else at forget ratio ``ratio``; its number is what is retained."""
    return f"retain_{100 - ratio}"


def split_configs(folder: Path) -> dict[int, SplitConfigs]:
    """Name the folders that hold a benchmark folder's splits, whichever way their names are written.

    ``forget_05``, ``forget05``, ``Forget-5`` and ``forget_5%`` are all read as ``forget_5``; so are
    those of ``retain_M``.

    Returns:
        Forget ratio -> its folders, ratios ascending.

    Raises:
        UserError: a name that begins as a split's says no ratio, two folders mean the same split, or somebody
            is retained while the folder of those to forget is missing.
    """
    forget = _numbered(folder, "forget")
    retain = {100 - number: name for number, name in _numbered(folder, "retain").items()}
    for ratio, name in retain.items():
        if ratio not in forget:
            raise UserError(
                f"{folder / name} has no {forget_config(ratio)} beside it; expected both of a split."
            )
    return {ratio: SplitConfigs(forget[ratio], retain.get(ratio)) for ratio in sorted(forget)}


def _numbered(folder: Path, kind: str) -> dict[int, str]:
    """Number in the name -> name, of the entries that begin with ``kind``."""
    names: dict[int, str] = {}
    for entry in sorted(folder.iterdir()):
        begins = entry.name.lower().startswith(kind) and entry.name.lower() != CELEBRITIES.lower()
        if not begins or (entry.is_file() and entry.suffix.lower() not in _TABLE_SUFFIXES):
            continue
        match = _SPLIT_NAME.fullmatch(entry.name)
        if match is None or not entry.is_dir():
            raise UserError(
                f"{entry} looks like a split but its name is not understood; expected a folder {kind}_N with "
                "N per cent from 1 to 99, or another name for what is no split."
            )
        number = int(match["number"])
        if number in names:
            raise UserError(
                f"{entry} and {folder / names[number]} are both {kind}_{number}; expected only one."
            )
        names[number] = entry.name
    return names


def shard_name(index: int, count: int, stem: str = "train") -> str:
    """Name one of the ``count`` Parquet files of a config, as the hub does; ``index`` starts at 0."""
    return f"{stem}-{index:05d}-of-{count:05d}.parquet"


def parquet_files(folder: Path, config: str) -> list[Path]:
    """List the Parquet files of a config in order.

    Raises:
        UserError: the config has no Parquet file, one of several numbered ones is missing, or there are
            others beside them, whose rows are as a rule the same again.
    """
    files = _tables(folder / config)
    if not files:
        raise UserError(
            f"{folder / config} has no Parquet file; expected {shard_name(0, 1)} there, as in the release."
        )
    numbered = [match for file in files if (match := _SHARD.fullmatch(file.name))]
    if not numbered:
        return files
    stem, count = numbered[0]["stem"], int(numbered[0]["count"])
    series = [folder / config / shard_name(index, count, stem) for index in range(count)]
    for file in files:
        if file not in series:
            raise UserError(
                f"{folder / config} holds {file.name} beside {numbered[0][0]}; expected Parquet files of one "
                "series only."
            )
    for file in series:
        if file not in files:
            raise UserError(f"{file} is missing; expected it next to {files[0].name}.")
    return series


def _tables(folder: Path) -> list[Path]:
    """The Parquet files in a config's folder, in order.

    Raises:
        UserError: there is another table, or one in a folder inside, which nobody would read.
    """
    files = []
    for entry in sorted(folder.rglob("*")):
        is_hidden = any(part.startswith(".") for part in entry.relative_to(folder).parts)
        if is_hidden or entry.suffix.lower() not in _TABLE_SUFFIXES or not entry.is_file():
            continue
        if entry.suffix.lower() != ".parquet" or entry.parent != folder:
            raise UserError(f"{entry} would not be read; expected Parquet files only, right in {folder}.")
        files.append(entry)
    return files


def require_spelling(folder: Path, configs: Iterable[str]) -> None:
    """Refuse a folder whose name is a config's but for case, and which would be passed over.

    Raises:
        UserError: there is one.
    """
    spelled = {config.lower(): config for config in configs}
    for entry in sorted(folder.iterdir()):
        config = spelled.get(entry.name.lower(), entry.name)
        if config != entry.name and entry.is_dir():
            raise UserError(f"{entry} would be passed over; expected the name {config}.")
