"""``mllmu utility``: have lmms-eval ask one of our models, and keep its results as a table."""

from __future__ import annotations

import subprocess
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from mllmu.bridges.lmms_eval.utility_command_line import LMMS_FOLDER, UtilityWish, utility_command_line
from mllmu.bridges.lmms_eval.utility_table import read_utility
from mllmu.errors import UserError
from mllmu.files import atomic_file, atomic_folder, updated_folder
from mllmu.study.pipeline.tables.parquet_table import write_table

UTILITY_FILE = "utility.parquet"
_STDERR = 2  # the file descriptor, whatever stands in for sys.stderr


def run_lmms_eval(wish: UtilityWish, out: Path) -> pd.DataFrame:
    """Ask a model, in a process of its own; what lmms-eval says meanwhile goes to the error stream.

    Args:
        wish: what is asked.
        out: a new or empty folder for the table and for what lmms-eval writes.

    Returns:
        The table, see `read_utility`.

    Raises:
        UserError: lmms-eval is not installed, or leaves no results; nothing is left of them then.
    """
    require_lmms_eval()
    with atomic_folder(out) as folder:
        written = folder / LMMS_FOLDER
        finished = subprocess.run(utility_command_line(wish, folder), stdout=_STDERR)
        # It ends well after errors, too, of which it only tells.
        if finished.returncode or not written.is_dir():
            code = finished.returncode
            raise UserError(f"lmms-eval ended with exit code {code} and no results; it says why above.")
        table = read_utility(written)
        write_utility(table, folder)
    return table


def write_utility(table: pd.DataFrame, folder: Path) -> None:
    """Write a table as Parquet and as CSV.

    Raises:
        UserError: the files cannot be written.
    """
    with updated_folder(folder) as unfinished:
        write_table(table, unfinished / UTILITY_FILE)
        with atomic_file(unfinished / UTILITY_FILE.replace(".parquet", ".csv")) as file:
            table.to_csv(file, index=False)


def require_lmms_eval() -> None:
    """Check that lmms-eval is installed, without importing it.

    Raises:
        UserError: it is not.
    """
    if find_spec("lmms_eval") is None:
        raise UserError("General ability needs lmms-eval; install it with: pip install 'mllmu[utility]'")
