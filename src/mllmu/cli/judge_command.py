"""``mllmu judge``: what a judge said about an evaluation's free answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from mllmu.cli.common_options import Seed, path_argument, path_option
from mllmu.cli.console import output, print_location


def judge(
    folder: Annotated[Path, path_argument("DIR", "What mllmu evaluate wrote.")],
    scores: Annotated[
        Path,
        path_option("--scores", "Where eval_gpt.py left its *_factuality_score.json files."),
    ],
    seed: Seed = 0,
) -> None:
    """Take the official judge's scores of free answers into an evaluation, as metric factuality (1 to 10).

    Scores that could not be read are left out of the official mean, and count as 1 in the other one.

    Example: [bold]mllmu judge runs/npo --scores eval_result/npo[/bold]
    """
    from rich.table import Table

    from mllmu.evaluation.metrics.factuality import HIGHEST, LOWEST
    from mllmu.study.steps.import_judgements import import_judgements

    table = Table(title=f"Factuality, {LOWEST} to {HIGHEST}")
    for heading in ("set", "answers", "unread", "official mean", "mean, unread as 1"):
        table.add_column(heading, justify="left" if heading == "set" else "right")
    for one in import_judgements(folder, scores, seed):
        means = (f"{one.official_mean:.2f}", f"{one.counted_mean:.2f}")
        table.add_row(one.eval_set.value, str(one.answers), str(one.unread), *means)
    output.print(table)
    print_location("results", folder / "results.parquet")
