"""Which methods stand out in a column: those nearest to retrained, and those that forgot too much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mllmu.evaluation import Difference, Direction, holm
from mllmu.evaluation.scoring.bootstrap import Floats
from mllmu.evaluation.scoring.comparison import is_beaten
from mllmu.evaluation.scoring.nearest import not_told_from_nearest, permuted_ranges
from mllmu.report.names import RECALL_SETS
from mllmu.report.numbers.comparisons import Comparisons, Measured, Term
from mllmu.report.numbers.result_columns import Condition
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, VANILLA_LINEAGE, Lineage

LEVEL = 0.05


@dataclass(frozen=True)
class Rank:
    """How a method stands in one column.

    Attributes:
        difference: its mean over the cells minus retrained's, in points of 100; None where it cannot be told.
        distance: how far it is from retrained in points of 100: the mean over the cells of the length of each
            difference, so that one cell above and one below do not make up for one another. Chance makes it
            too large, most of all near 0, so that it has no interval.
        best: nearest to retrained, or not told from the nearest.
        over_forgotten: its mean is significantly below retrained's about people to forget.
    """

    difference: Difference | None
    distance: float | None
    best: bool = False
    over_forgotten: bool = False


def has_something_to_forget(comparisons: Comparisons, condition: Condition, cell: Measured) -> bool | None:
    """Whether vanilla beats retrained about people to forget: one-sided p over people below .05.

    So it has to be in each seed by itself: two or three seeds say little of how much further ones would
    differ, and large gaps that differ are gaps all the same.

    Returns:
        None where it cannot be told, because nothing was measured or of too few people; True for other sets
        and for metrics that do not measure knowledge.
    """
    if not _is_to_be_forgotten(cell):
        return True
    gaps = comparisons.differences_of_seeds(condition, VANILLA_LINEAGE, RETRAINED_LINEAGE, [cell])
    beaten = [is_beaten(gap) for gap in gaps]
    return None if not beaten or None in beaten else all(beaten)


def is_nothing_to_forget(comparisons: Comparisons, condition: Condition, cell: Measured) -> bool:
    """Whether a cell is marked ∅: vanilla does not beat retrained; what cannot be told counts as no."""
    return has_something_to_forget(comparisons, condition, cell) is False


def rank(
    comparisons: Comparisons,
    condition: Condition,
    methods: Sequence[Lineage],
    cells: Sequence[Measured],
) -> list[Rank]:
    """How each method stands over some cells.

    The best is nearest to retrained (see `Rank.distance`). A method shares that where its distance is not
    significantly larger (`not_told_from_nearest`, by a paired test of the two distances). Where that is every
    method, none is best, and none is where there is nothing to forget. A method that was not asked in all
    cells that others were asked in is not ranked.

    Args:
        comparisons: of the run.
        condition: ratio and protocol.
        methods: whom to rank; only unlearned models.
        cells: of one column, or several that are averaged.
    """
    measured = [_measured(comparisons, condition, each, cells) for each in methods]
    # Over fewer cells than others a distance would be of something else.
    everything = {cell for each in measured for cell in each}
    is_complete = [everything == each.keys() for each in measured]
    differences = [
        comparisons.difference(condition, each, RETRAINED_LINEAGE, cells) if whole else None
        for each, whole in zip(methods, is_complete, strict=True)
    ]
    lengths = [
        _length(each, gaps) if whole else []
        for each, gaps, whole in zip(methods, measured, is_complete, strict=True)
    ]
    combined = [comparisons.combine(condition, terms) if terms else None for terms in lengths]
    distances = [None if each is None else each.value for each in combined]
    below = holm([float("nan") if each is None else each.p_value for each in differences])
    may_be_too_much = all(_is_to_be_forgotten(cell) for cell in cells)
    is_ranked = all(has_something_to_forget(comparisons, condition, cell) for cell in cells)
    best = _nearest(comparisons, condition, lengths, distances) if is_ranked else set()
    return [
        Rank(
            difference,
            distance,
            best=index in best,
            over_forgotten=may_be_too_much and difference is not None and difference.value < 0 and p < LEVEL,
        )
        for index, (difference, distance, p) in enumerate(zip(differences, distances, below, strict=True))
    ]


def _measured(
    comparisons: Comparisons, condition: Condition, method: Lineage, cells: Sequence[Measured]
) -> dict[Measured, float]:
    """The cells that a method and retrained were both asked, with their difference."""
    gaps = {each: comparisons.difference(condition, method, RETRAINED_LINEAGE, [each]) for each in cells}
    return {cell: gap.value for cell, gap in gaps.items() if gap is not None}


def _length(method: Lineage, gaps: Mapping[Measured, float]) -> list[Term]:
    """What is summed for a method's distance: each cell's difference to retrained, turned to be positive."""
    terms = []
    for cell, value in gaps.items():
        weight = (1 if value >= 0 else -1) / len(gaps)
        terms += [Term(weight, method, (cell,)), Term(-weight, RETRAINED_LINEAGE, (cell,))]
    return terms


def _nearest(
    comparisons: Comparisons,
    condition: Condition,
    lengths: Sequence[Sequence[Term]],
    distances: Sequence[float | None],
) -> set[int]:
    """The places of the best method and of those that are not told from it; none if that is all of them.

    Who has no seed or no question in common with the best is not told from it, nor known to be as good.
    """
    values = {index: each for index, each in enumerate(distances) if each is not None}
    if not values:
        return set()
    best = min(values, key=lambda index: values[index])
    shorter = [replace(term, weight=-term.weight) for term in lengths[best]]
    excesses = {
        index: comparisons.combine(condition, [*lengths[index], *shorter])
        for index in values
        if index != best
    }
    # On the seeds that both have, the one that is farther on all of its own may be the nearer one.
    p_values = {
        index: each.p_value if each.value > 0 else 1.0 for index, each in excesses.items() if each is not None
    }
    parts = {index: comparisons.parts_of_people(condition, lengths[index]) for index in (best, *p_values)}

    def spread(indices: Sequence[int]) -> Floats:
        return permuted_ranges(np.stack([parts[index] for index in indices]))

    return not_told_from_nearest({index: values[index] for index in parts}, p_values, spread)


def _is_to_be_forgotten(cell: Measured) -> bool:
    return cell.eval_set in RECALL_SETS and cell.metric.metric.direction is Direction.KNOWLEDGE
