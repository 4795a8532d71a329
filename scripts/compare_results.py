"""Say whether two runs measured the same, to the last digit.

    python scripts/compare_results.py runs/before runs/after

Rows are compared in the columns that both tables have, so that a later version may have more. Exit code 0 if
they are equal, 1 if they are not.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd

RESULTS_FILE = "results.parquet"


def differences(before: pd.DataFrame, after: pd.DataFrame) -> list[str]:
    """What differs, one line each; none if every row has the same values in all common columns."""
    common = [name for name in before.columns if name in after.columns]
    lines = [f"column {name} is only in the first" for name in before.columns if name not in common]
    if len(before) != len(after):
        return [*lines, f"{len(before)} rows against {len(after)}"]
    for name in common:
        first, second = before[name].reset_index(drop=True), after[name].reset_index(drop=True)
        unequal = (first != second) & ~(first.isna() & second.isna())
        if unequal.any():
            lines.append(
                f"column {name} differs in {int(unequal.sum())} rows, first in row {unequal.idxmax()}"
            )
    return lines


def main() -> None:
    """Compare the two folders that the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("before", type=Path, help="folder of a run")
    parser.add_argument("after", type=Path, help="folder of another")
    arguments = parser.parse_args()
    tables = [pd.read_parquet(folder / RESULTS_FILE) for folder in (arguments.before, arguments.after)]
    lines = differences(*tables)
    more = [name for name in tables[1].columns if name not in tables[0].columns]
    print(
        "\n".join(lines)
        or f"{len(tables[0])} rows, equal in all {len(tables[0].columns)} columns of the first"
    )
    if more:
        print(f"only in the second: {', '.join(more)}")
    sys.exit(1 if lines else 0)


if __name__ == "__main__":
    main()
