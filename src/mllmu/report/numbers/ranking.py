"""Which methods stand out in a column: those nearest to retrained, and those that forgot too much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mllmu.evaluation import Difference, Direction, holm
from mllmu.report.names import FORGOTTEN_SETS
from mllmu.report.numbers.comparisons import Comparisons, Measured, Term
from mllmu.report.numbers.result_columns import Condition
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, VANILLA_LINEAGE, Lineage

LEVEL = 0.05


@dataclass(frozen=True)
class Rank:
    """How a method stands in one column.

    Attributes:
        distance: its difference to retrained, in points of 100; None where it cannot be told.
        best: nearest to retrained, or not told from the nearest.
        over_forgotten: significantly below retrained about people to forget.
    """

    distance: Difference | None
    best: bool = False
    over_forgotten: bool = False


def has_something_to_forget(comparisons: Comparisons, condition: Condition, cell: Measured) -> bool | None:
    """Whether vanilla beats retrained about people to forget: one-sided p below .05.

    Returns:
        None where it cannot be told; True for other sets and for metrics that do not measure knowledge.
    """
    if not _is_to_be_forgotten(cell):
        return True
    gap = comparisons.difference(condition, VANILLA_LINEAGE, RETRAINED_LINEAGE, [cell])
    # Half of a two-sided p-value is the one-sided one, on the side where the difference lies.
    return None if gap is None else gap.value > 0 and gap.p_value / 2 < LEVEL


def is_nothing_to_forget(comparisons: Comparisons, condition: Condition, cell: Measured) -> bool:
    """Whether a cell is marked ∅: vanilla does not beat retrained; what cannot be told counts as no."""
    return has_something_to_forget(comparisons, condition, cell) is False


def rank(
    comparisons: Comparisons,
    condition: Condition,
    methods: Sequence[Lineage],
    cells: Sequence[Measured],
) -> list[Rank]:
    """How each method stands by its mean over cells.

    The best is nearest to retrained. A method shares that where its distance is not significantly larger
    (paired test of the two distances, Holm over the methods). Where that is every method, none is best, and
    none is where there is nothing to forget.

    Args:
        comparisons: of the run.
        condition: ratio and protocol.
        methods: whom to rank; only unlearned models.
        cells: of one column, or several that are averaged.
    """
    distances = [comparisons.difference(condition, each, RETRAINED_LINEAGE, cells) for each in methods]
    below = holm([float("nan") if each is None else each.p_value for each in distances])
    may_be_too_much = all(_is_to_be_forgotten(cell) for cell in cells)
    is_ranked = all(has_something_to_forget(comparisons, condition, cell) for cell in cells)
    best = _nearest(comparisons, condition, methods, cells, distances) if is_ranked else set()
    return [
        Rank(
            distance,
            best=index in best,
            over_forgotten=may_be_too_much and distance is not None and distance.value < 0 and p < LEVEL,
        )
        for index, (distance, p) in enumerate(zip(distances, below, strict=True))
    ]


def _nearest(
    comparisons: Comparisons,
    condition: Condition,
    methods: Sequence[Lineage],
    cells: Sequence[Measured],
    distances: Sequence[Difference | None],
) -> set[int]:
    """The places of the best method and of those that are not told from it; none if that is all of them."""
    lengths = {index: abs(each.value) for index, each in enumerate(distances) if each is not None}
    if len(lengths) < 2:
        return set()
    best = min(lengths, key=lambda index: lengths[index])

    def side(index: int, weight: int) -> list[Term]:
        distance = distances[index]
        sign = weight if distance is not None and distance.value >= 0 else -weight
        chosen = tuple(cells)
        return [Term(sign, methods[index], chosen), Term(-sign, RETRAINED_LINEAGE, chosen)]

    others = [index for index in lengths if index != best]
    excesses = [comparisons.combine(condition, [*side(index, 1), *side(best, -1)]) for index in others]
    adjusted = holm([float("nan") if each is None else each.p_value for each in excesses])
    tied = {index for index, p in zip(others, adjusted, strict=True) if not p < LEVEL}
    return set() if len(tied) == len(others) else {best, *tied}


def _is_to_be_forgotten(cell: Measured) -> bool:
    return cell.eval_set in FORGOTTEN_SETS and cell.metric.metric.direction is Direction.KNOWLEDGE
