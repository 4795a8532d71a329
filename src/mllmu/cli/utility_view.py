"""How numbers of general ability are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from mllmu.cli.console import VisibleText

if TYPE_CHECKING:
    import pandas as pd


def utility_view(table: pd.DataFrame) -> Table:
    """Every number with its interval, or why it has none.

    Args:
        table: as from `read_utility`.
    """
    view = Table(box=None, title="General ability", title_justify="left")
    for heading in ("model", "task", "metric", "value", "95 % interval", "questions"):
        view.add_column(heading, justify="right" if heading in ("value", "questions") else "left")
    for row in table.to_dict("records"):
        metric = str(row["metric"])
        if row["filter"] not in ("", "none"):
            metric += f" ({row['filter']})"
        value = "-" if row["value"] != row["value"] else f"{row['value']:.4g}"
        interval = str(row["note"]) or f"{row['ci_low']:.4g} to {row['ci_high']:.4g}"
        count = str(row["n"]) if isinstance(row["n"], int) else ""
        cells = (str(row["model"]), str(row["task"]), metric, value, interval, count)
        view.add_row(*(VisibleText(cell) for cell in cells))
    return view
