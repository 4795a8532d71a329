"""What the commands that ask a judge share: its options, how it is reached, and what it costs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from mllmu.cli.common_options import path_option
from mllmu.cli.console import errors, output, print_warning
from mllmu.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mllmu.evaluation.judge.asked.asked_judge import AskedJudge
    from mllmu.evaluation.judge.asked.rubric import Rubric
    from mllmu.evaluation.judge.verdicts import AnswerPair
    from mllmu.progress import Progress

T = TypeVar("T")
Url = Annotated[str, typer.Option("--url", help="The judge's server: http://localhost:8000/v1.")]
ModelName = Annotated[
    str | None, typer.Option("--model-name", help="What the server calls the judge's model.")
]
Concurrency = Annotated[int, typer.Option("--concurrency", min=1, help="Requests at the same time.")]
PriceIn = Annotated[
    float | None, typer.Option("--price-in", min=0, help="Price of a million tokens of requests.")
]
PriceOut = Annotated[
    float | None, typer.Option("--price-out", min=0, help="Price of a million tokens of replies.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Ask without a question about the cost.")]
Cache = Annotated[
    Path | None, path_option("--cache", "Where verdicts are kept, a file; one in .mllmu if left out.")
]
_CACHE = Path(".mllmu") / "verdicts.sqlite"


def connected_judge(
    url: str,
    model_name: str | None,
    cache: Path | None,
    concurrency: int,
    rubric: Rubric | None = None,
) -> AskedJudge:
    """The judge behind a server.

    Args:
        url: the server.
        model_name: what it calls the judge's model.
        cache: the file with verdicts; None for the usual one.
        concurrency: requests at the same time.
        rubric: how a verdict is asked for; None for that of MLLMU-Bench.

    Raises:
        UserError: there is no such server, or it serves several models and none is named.
    """
    from mllmu.evaluation.judge.asked.asked_judge import AskedJudge
    from mllmu.evaluation.judge.asked.rubric import rubric_messages
    from mllmu.inference import AnswerStore
    from mllmu.inference.endpoint import check_url, connect

    check_url(url)
    store = AnswerStore(cache or _CACHE)
    return AskedJudge(connect(url, model_name), store, concurrency, rubric or rubric_messages)


def check_prices(price_in: float | None, price_out: float | None) -> None:
    """To be called before a server is asked for anything.

    Raises:
        UserError: only one of the prices is known.
    """
    if (price_in is None) != (price_out is None):
        raise UserError("Only one of --price-in and --price-out is given; expected both, or none.")


def confirm_cost(
    judge: AskedJudge, pairs: Sequence[AnswerPair], price_in: float | None, price_out: float | None, yes: bool
) -> None:
    """Say what asking costs, and go on only if that is wanted.

    Raises:
        UserError: it is not wanted, or nobody is there to say so.
        KeyboardInterrupt: the question is answered with Ctrl-C.
    """
    from mllmu.cli.judge.calibration_view import cost_line
    from mllmu.evaluation.judge.asked.cost_estimate import estimate_cost

    wanted = judge.unjudged(pairs)
    cost = estimate_cost(wanted, judge.rubric)
    output.print(cost_line(cost, price_in, price_out), highlight=False)
    if wanted and not yes and not _is_confirmed():
        raise UserError("Nothing was asked; expected y, or --yes.")


def _is_confirmed() -> bool:
    try:
        return typer.confirm("Ask?")
    except typer.Abort as aborted:  # typer's own end of a command, after Ctrl-C as at the end of the input
        if isinstance(aborted.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        raise UserError(
            "Nothing was asked, as the input ends before an answer about the cost; expected --yes where "
            "nobody can answer."
        ) from None


def while_shown(judge: AskedJudge, answers: int, work: Callable[[Progress], T]) -> T:
    """Do what asks a judge about so many answers, and show how far it is."""
    from mllmu.study import make_display

    title = f"judge {answers} answers by {judge.name}"
    with make_display(errors) as display:
        display.expect(1)
        display.begin(title)
        done = work(display.progress_of(title))
        display.end(title)
    return done


def print_problems(problems: Mapping[str, int], judged: int) -> None:
    """Print how many answers have no score, and why."""
    if problems:
        shown = "; ".join(f"{count} {reason.rstrip('.')}" for reason, count in problems.items())
        total = sum(problems.values())
        print_warning(f"{total} of {total + judged} answers have no score: {shown}. Run it again to go on.")
