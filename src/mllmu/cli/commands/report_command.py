"""``mllmu report``: show results that are there already."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mllmu.cli.common_options import path_argument, path_option
from mllmu.cli.console import errors, output, print_location


def report(
    folders: Annotated[
        list[Path],
        path_argument("DIR...", "Folders of runs or evaluations."),
    ],
    benchmark: Annotated[
        str | None, typer.Option("--benchmark", help="Whom they are about; a run's folder knows.")
    ] = None,
    out: Annotated[
        Path | None,
        path_option("--out", "Where to put it; needed for several."),
    ] = None,
) -> None:
    """Write the report of a run anew, or one report of several evaluations.

    Example: [bold]mllmu report runs/vanilla runs/npo --benchmark people --out runs/both[/bold]
    """
    from mllmu.report import read_person_scores, read_results, read_trajectories, terminal_table
    from mllmu.study import make_display, report_again

    paths = report_again(folders, benchmark, out, make_display(errors))
    folder = paths.page.parent
    output.print(terminal_table(read_results(folder), read_person_scores(folder), read_trajectories(folder)))
    print_location("report", paths.page)
