"""How the agreement of a judge with hand-made scores, and the cost of asking it, are shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from mllmu.evaluation.judge.asked.cost_estimate import CostEstimate
    from mllmu.evaluation.judge.calibration.agreement import Agreement


def agreement_lines(agreement: Agreement, half: str) -> Iterator[str]:
    """What was measured, in a few lines."""
    kappa, difference = agreement.kappa, agreement.difference
    yield f"judge: {agreement.judge}; pairs: {kappa.n} ({half}), of {kappa.n_people} questions"
    yield f"quadratic kappa: {kappa.value:.3f} (95 % interval {kappa.low:.3f} to {kappa.high:.3f})"
    yield (
        f"mean difference, judge less hand: {difference.value:+.2f} "
        f"({difference.low:+.2f} to {difference.high:+.2f})"
    )
    yield f"at most one apart: {100 * agreement.within_one:.1f} %"


def disagreement_table(agreement: Agreement, worst: int) -> Table:
    """The pairs on which the judge is furthest from the hand-made score."""
    table = Table(title="Worst disagreements")
    for heading in ("judge", "hand", "attribute", "true value", "answer", "judge's reason"):
        table.add_column(heading, overflow="fold")
    for one in [each for each in agreement.pairs if each.difference][:worst]:
        pair, expected = one.example.pair, one.example.expected
        scores = (str(one.verdict.score), str(expected.score))
        table.add_row(*scores, pair.attribute, pair.value, pair.given, one.verdict.reason)
    return table


def cost_line(estimate: CostEstimate, price_in: float | None, price_out: float | None) -> str:
    """What asking is estimated to take."""
    size = (
        f"{estimate.requests} answers to ask about: about {estimate.tokens_in} tokens in, "
        f"{estimate.tokens_out} out (at most {estimate.most_tokens_out})"
    )
    if price_in is None or price_out is None:
        return f"{size}; price unknown, give --price-in and --price-out per million tokens"
    usual, most = estimate.price(price_in, price_out)
    return f"{size}; price about {usual:.2f}, at most {most:.2f}"
