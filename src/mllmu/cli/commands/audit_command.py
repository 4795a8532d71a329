"""``mllmu audit``: are the metrics any good?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from mllmu.cli.common_options import Seed, path_argument, path_option
from mllmu.cli.console import errors, output, print_location

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

_MEASURES = ("overall", "faithfulness", "robustness")
_KEYS = ("metric", "modality", "knowing", "others", "runs")


def audit(
    folders: Annotated[list[Path], path_argument("DIR...", "Folders of runs, best of the preset audit.")],
    out: Annotated[
        Path | None,
        path_option("--out", "Where to put the tables; needed for several, else 'audit' in the folder."),
    ] = None,
    seed: Seed = 0,
) -> None:
    """Audit the metrics: do they tell models that know people from others, and do they agree?

    Needs at least three seeds of vanilla and retrained for the first, and three unlearned models for the
    second.

    Example: [bold]mllmu run --preset audit --out runs/audit && mllmu audit runs/audit[/bold]
    """
    from mllmu.errors import UserError
    from mllmu.files import refuse_file
    from mllmu.study import audit_runs, make_display, write_audit

    if out is None and len(folders) > 1:
        raise UserError("an audit of several folders needs --out, a folder to put it in")
    target = out or folders[0] / "audit"
    refuse_file(target)
    display = make_display(errors)
    with display:
        display.expect(1)
        display.begin("audit")
        audited = audit_runs(folders, seed, display.progress_of("audit"))
        display.end("audit")
    write_audit(audited, target)
    if len(audited.faithfulness):
        output.print(_faithfulness_table(audited.faithfulness))
    if len(audited.agreement):
        output.print(_agreement_table(audited.agreement))
    print_location("tables", target)


def _faithfulness_table(audited: pd.DataFrame) -> Table:
    """All metrics over both ways of asking, the best first."""
    from rich.table import Table

    both = audited[audited["modality"] == "all"]
    ends = {f"{name}{end}" for name in _MEASURES for end in ("", "_low", "_high")}
    disturbances = [str(name) for name in audited if name not in {*_KEYS, *ends}]
    knowing, others = both[["knowing", "others"]].max()
    title = f"{knowing} models that know the people, {others} that do not"
    table = Table(box=None, title=title, title_justify="left")
    table.add_column("metric", overflow="fold")
    for name in (*_MEASURES, *disturbances):
        table.add_column(name, justify="right")
    for _, row in both.iterrows():
        measures = [_with_interval(*row[[name, f"{name}_low", f"{name}_high"]]) for name in _MEASURES]
        table.add_row(row["metric"], *measures, *(f"{row[name]:.2f}" for name in disturbances))
    return table


def _with_interval(value: float, low: float, high: float) -> str:
    return "–" if value != value else f"{value:.2f} [{low:.2f}–{high:.2f}]"


def _agreement_table(audited: pd.DataFrame) -> Table:
    """How far each metric agrees with the others: the middle of its taus, and the least and the greatest."""
    import pandas as pd
    from rich.table import Table

    turned = audited.rename(columns={"metric": "other_metric", "other_metric": "metric"})
    each = pd.concat([audited, turned]).dropna(subset="tau").groupby("metric")["tau"]
    table = Table(
        box=None, title=f"Kendall's tau of {audited['n_models'].max()} models", title_justify="left"
    )
    for name in ("metric", "median", "least", "greatest"):
        table.add_column(name, justify="left" if name == "metric" else "right")
    for metric, row in each.agg(["median", "min", "max"]).sort_values("median", ascending=False).iterrows():
        table.add_row(str(metric), *(f"{value:.2f}" for value in row))
    return table
