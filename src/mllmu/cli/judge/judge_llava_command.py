"""``mllmu judge llava``: LLaVA-Bench, rated by our judge."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from mllmu.cli.common_options import Seed, path_argument
from mllmu.cli.console import output, print_location
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


def llava(
    folder: Annotated[Path, path_argument("DIR", "What mllmu utility wrote.")],
    url: Url,
    model_name: ModelName = None,
    price_in: PriceIn = None,
    price_out: PriceOut = None,
    yes: Yes = False,
    concurrency: Concurrency = 8,
    cache: Cache = None,
    seed: Seed = 0,
) -> None:
    """Have a language model rate the answers to LLaVA-Bench and its reference answers, 1 to 10 each.

    Its key, if it needs one, is read from OPENAI_API_KEY.

    Example: [bold]mllmu judge llava utility/npo --url http://localhost:8000/v1[/bold]
    """
    from mllmu.bridges.lmms_eval.llava_bench import SCORES_FILE, judge_llava_bench, llava_answers
    from mllmu.bridges.lmms_eval.llava_rubric import llava_messages
    from mllmu.cli.utility_view import utility_view

    check_prices(price_in, price_out)
    answers = llava_answers(folder)
    pairs = [pair for answer in answers for pair in (answer.given, answer.reference)]
    judge = connected_judge(url, model_name, cache, concurrency, llava_messages)
    confirm_cost(judge, pairs, price_in, price_out, yes)
    judged = while_shown(
        judge, len(pairs), lambda progress: judge_llava_bench(folder, answers, judge, seed, progress)
    )
    print_problems(judged.problems, judged.judged)
    output.print(utility_view(judged.scores))
    print_location("scores", folder / SCORES_FILE)
