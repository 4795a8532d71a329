"""The command line of lmms-eval that asks one of our models."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mllmu.errors import UserError

MODEL_ID = "mllmu"
"""What lmms-eval calls every model that this package loads."""
LMMS_FOLDER = "lmms_eval"
"""Where in a result's folder lmms-eval writes."""
_LARGEST_SEED = 2**32 - 1  # of numpy, which lmms-eval hands it to
_TASK = re.compile(r"[\w.*/:-]+")
# What separates the settings of a model there, or quotes them.
_SEPARATORS = frozenset(",'\"{}[]")


@dataclass(frozen=True)
class UtilityWish:
    """What lmms-eval is to ask whom.

    Attributes:
        model: ``tiny``, a folder, or a hub id.
        tasks: names as lmms-eval has them, with commas between them.
        limit: at most how many questions of each task; all if None.
        batch_size: at most how many questions at a time; as many as the engine thinks right if None.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N`` or ``all``.
        seed: of all that lmms-eval draws.
        include_path: a folder with further tasks; None for none.
    """

    model: str
    tasks: str
    limit: int | None = None
    batch_size: int | None = None
    device: str = "auto"
    seed: int = 0
    include_path: Path | None = None


def utility_command_line(wish: UtilityWish, out: Path) -> list[str]:
    """The words of the command, the first one this Python.

    Args:
        wish: what is asked.
        out: the folder for the result; lmms-eval writes into `LMMS_FOLDER` there.

    Raises:
        UserError: no task is named, or a name or number cannot stand on that command line.

    Example:
        ::

            shlex.join(utility_command_line(UtilityWish("tiny", "mmmu_val"), Path("out")))
    """
    if _SEPARATORS & set(wish.model):
        raise UserError(
            f"The model is called '{wish.model}', but lmms-eval separates settings by commas and quotes; "
            "expected a name or path without them."
        )
    if not 0 <= wish.seed <= _LARGEST_SEED:
        raise UserError(f"The seed is {wish.seed}; lmms-eval expects 0 to {_LARGEST_SEED}.")
    # lmms-eval would take a folder "007" for the number 7.
    model = f"./{wish.model}" if _is_number(wish.model) else wish.model
    words = [sys.executable, "-m", "lmms_eval", "--model", MODEL_ID]
    words += ["--model_args", f"pretrained={model}", "--tasks", ",".join(_tasks(wish.tasks))]
    words += ["--batch_size", "auto" if wish.batch_size is None else str(wish.batch_size)]
    words += ["--device", wish.device, "--seed", str(wish.seed)]
    if wish.limit is not None:
        words += ["--limit", str(wish.limit)]
    if wish.include_path is not None:
        words += ["--include_path", str(wish.include_path)]
    return [*words, "--output_path", str(out / LMMS_FOLDER), "--log_samples"]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _tasks(said: str) -> Sequence[str]:
    """The tasks that are named, each once."""
    names = list(dict.fromkeys(name.strip() for name in said.split(",") if name.strip()))
    for name in names:
        if not _TASK.fullmatch(name) or name.startswith("-"):
            raise UserError(f"'{name}' is no task; expected a name such as mmmu_val or llava_in_the_wild.")
    if not names:
        raise UserError("No task is named; expected --tasks with names such as mmmu_val,mme,pope.")
    return names
