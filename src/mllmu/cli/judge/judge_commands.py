"""``mllmu judge``: scores of free answers, 1 to 10, and how far a judge can be trusted."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mllmu.cli.common_options import Seed, path_argument, path_option
from mllmu.cli.console import output, print_location
from mllmu.cli.judge.judge_llava_command import llava
from mllmu.cli.judge.judge_options import (
    Cache,
    Concurrency,
    ModelName,
    PriceIn,
    PriceOut,
    Url,
    Yes,
    check_prices,
    confirm_cost,
    connected_judge,
    print_problems,
    while_shown,
)
from mllmu.errors import UserError

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from mllmu.evaluation.judge.asked.asked_judge import AskedJudge
    from mllmu.evaluation.judge.calibration.calibration_pairs import PairHalf

judge_app = typer.Typer(help="Score free answers, 1 to 10, and check a judge.", no_args_is_help=True)


@judge_app.command("import")
def import_scores(
    folder: Annotated[Path, path_argument("DIR", "What mllmu evaluate wrote.")],
    scores: Annotated[
        Path,
        path_option("--scores", "Where eval_gpt.py left its *_factuality_score.json files."),
    ],
    seed: Seed = 0,
) -> None:
    """Take the official judge's scores of free answers into an evaluation, as metric factuality (1 to 10).

    Scores that could not be read are left out of the official mean, and count as 1 in the other one.

    Example: [bold]mllmu judge import runs/npo --scores eval_result/npo[/bold]
    """
    from rich.table import Table

    from mllmu.evaluation.metrics.factuality import HIGHEST, LOWEST
    from mllmu.study.steps.judging.import_judgements import import_judgements

    table = Table(title=f"Factuality, {LOWEST} to {HIGHEST}")
    for heading in ("set", "answers", "unread", "official mean", "mean, unread as 1"):
        table.add_column(heading, justify="left" if heading == "set" else "right")
    for one in import_judgements(folder, scores, seed):
        means = (f"{one.official_mean:.2f}", f"{one.counted_mean:.2f}")
        table.add_row(one.eval_set.value, str(one.answers), str(one.unread), *means)
    output.print(table)
    print_location("results", folder / "results.parquet")


@judge_app.command()
def ask(
    folder: Annotated[Path, path_argument("DIR", "What mllmu evaluate wrote.")],
    url: Url,
    model_name: ModelName = None,
    price_in: PriceIn = None,
    price_out: PriceOut = None,
    yes: Yes = False,
    concurrency: Concurrency = 8,
    cache: Cache = None,
    seed: Seed = 0,
) -> None:
    """Have a language model score every free answer, as metric factuality; running it again goes on.

    Its key, if it needs one, is read from OPENAI_API_KEY. The rule judge's score is another metric,
    factuality_rules, and is in every evaluation.

    Example: [bold]mllmu judge ask runs/npo --url http://localhost:8000/v1 --price-in 1 --price-out 4[/bold]
    """
    from mllmu.study.steps.judging.ask_judge import VERDICTS_FILE, free_answers, judge_answers

    check_prices(price_in, price_out)
    pairs = free_answers(folder)
    judge = connected_judge(url, model_name, cache, concurrency)
    confirm_cost(judge, pairs, price_in, price_out, yes)
    asked = while_shown(judge, len(pairs), lambda progress: judge_answers(folder, judge, seed, progress))
    print_problems(asked.problems, asked.judged)
    output.print(_scores_table(asked.scores))
    print_location("verdicts", folder / VERDICTS_FILE)
    print_location("results", folder / "results.parquet")


@judge_app.command()
def calibrate(
    url: Annotated[str, typer.Option("--url", help="A judge's server; the rule judge if left out.")] = "",
    model_name: ModelName = None,
    half: Annotated[str, typer.Option("--half", help="held-out, development, or both.")] = "held-out",
    worst: Annotated[int, typer.Option("--worst", min=0, help="How many disagreements to show.")] = 10,
    price_in: PriceIn = None,
    price_out: PriceOut = None,
    yes: Yes = False,
    concurrency: Concurrency = 8,
    cache: Cache = None,
    seed: Seed = 0,
) -> None:
    """Measure how far a judge agrees with hand-made scores: weighted kappa, and the worst disagreements.

    Example: [bold]mllmu judge calibrate --url http://localhost:8000/v1 --worst 20[/bold]
    """
    from mllmu.cli.judge.calibration_view import agreement_lines, disagreement_table
    from mllmu.evaluation.judge.calibration.agreement import calibrate as measure
    from mllmu.evaluation.judge.calibration.calibration_pairs import calibration_pairs
    from mllmu.evaluation.judge.rules.rule_judge import RuleJudge

    examples = [one for wanted in _halves(half) for one in calibration_pairs(wanted)]
    judge: RuleJudge | AskedJudge = RuleJudge()
    if not url and any(given is not None for given in (model_name, price_in, price_out, cache)):
        raise UserError(
            "--model-name, prices and --cache are of a judge on a server, and the rules are none; expected "
            "--url beside them."
        )
    if url:
        check_prices(price_in, price_out)
        judge = connected_judge(url, model_name, cache, concurrency)
        confirm_cost(judge, [one.pair for one in examples], price_in, price_out, yes)
    agreement = measure(judge, examples, seed)
    print_problems(agreement.problems, len(agreement.pairs))
    for line in agreement_lines(agreement, half):
        output.print(line, highlight=False)
    if worst:
        output.print(disagreement_table(agreement, worst))


judge_app.command()(llava)


def _halves(name: str) -> list[PairHalf]:
    from mllmu.evaluation.judge.calibration.calibration_pairs import PairHalf

    names = [one.value for one in PairHalf]
    if name not in (*names, "both"):
        raise UserError(f"'{name}' is no half of the pairs; expected {', '.join(names)} or both.")
    return [one for one in PairHalf if name in (one.value, "both")]


def _scores_table(scores: pd.DataFrame) -> Table:
    """Sets and modalities apart."""
    from rich.table import Table

    from mllmu.evaluation.metrics.factuality import HIGHEST, LOWEST

    table = Table(title=f"Factuality, {LOWEST} to {HIGHEST}")
    for heading in ("set", "modality", "view", "metric", "value", "95 % interval", "answers"):
        table.add_column(heading)
    ends = zip(scores["ci_low"], scores["ci_high"], strict=True)
    for row, (low, high) in zip(scores.itertuples(index=False), ends, strict=True):
        interval = "–" if math.isnan(low) else f"{low:.2f} to {high:.2f}"
        labels = (row.eval_set, row.modality, row.view, row.metric)
        table.add_row(*map(str, labels), f"{row.value:.2f}", interval, str(row.n))
    return table
