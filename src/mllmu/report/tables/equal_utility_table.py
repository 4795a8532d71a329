"""The table that leads the report: what methods forget at equal utility, the nearest to retrained first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mllmu.evaluation.scoring.bootstrap import Estimate, Floats
from mllmu.evaluation.scoring.equal_utility import (
    EqualUtility,
    Trajectory,
    compare_at_equal_utility,
    p_value_of_being_further,
)
from mllmu.evaluation.scoring.nearest import not_told_from_nearest, recentred_ranges
from mllmu.report.findings.finding import counted, listed
from mllmu.report.names import MODALITY_TITLES, SET_TITLES, TOLERATED_LOSS, lineage_title, question_title
from mllmu.report.numbers.comparisons import Measured
from mllmu.report.numbers.scores import Condition, Score, Scores
from mllmu.report.numbers.standings import nothing_to_forget_anywhere, utility_on_the_way
from mllmu.report.tables.grid import Block, Cell, ColumnGroup, Grid, Mark, Row, count_questions
from mllmu.report.tables.ranking_notes import gaps_of_seeds, noise_note
from mllmu.report.tables.table_titles import file_name, table_title
from mllmu.unlearning.lineage import Lineage

LOSSES = (5.0, TOLERATED_LOSS)
_SEED = 0
_COLUMNS = 2 * len(LOSSES) + 1
_CAPTION = (
    "Each method at the state of its way that is nearest to retrained while utility (mean accuracy on "
    "{utility}) is at most 5 or 15 points below vanilla. Forget is mean accuracy on "
    "forget and test, over all questions or those of one modality; From retrained is how far that is from "
    "the retrained model's; the last column is the utility left where Forget first comes down to retrained, "
    "– where it does not with every seed."
)
_INTERVALS = (
    "95 % intervals are Korn and Graubard's with the variance of resampled people; [–] where more than "
    "2.5 % of the resamples do not come down to retrained. With 10 and 25 people they covered the truth in "
    "at least 93 % of simulations, but those of the last column in as few as half of the rare cases where "
    "they exist although the way ends just at retrained. Bold is nearest "
    "to retrained, with every method whose distance is not significantly larger (t-test over the resamples, "
    "times the number of others, and further than chance spreads as many equals); where that is all of them, "
    "none is bold."
)


@dataclass(frozen=True)
class _Compared:
    """The methods of a block on their ways.

    Attributes:
        ways: by seed, for every method that has any.
        results: what was read off them.
    """

    ways: Mapping[Lineage, Mapping[int, Trajectory]]
    results: Mapping[Lineage, EqualUtility]


def make_equal_utility_grid(scores: Scores, condition: Condition, unlearn_modality: str) -> Grid:
    """Return methods at equal utility, for all questions and for those of each modality.

    What there is nothing to forget of does not count. It has no blocks where there are no trajectories.
    """
    left_out = nothing_to_forget_anywhere(scores, condition)
    compared = {
        title: _compare(scores, condition, unlearn_modality, modality, left_out)
        for modality, title in {"": "All", **MODALITY_TITLES}.items()
    }
    groups = [ColumnGroup(f"At utility −{loss:.0f}", ("Forget ↓", "From retrained")) for loss in LOSSES]
    notes = (
        _CAPTION.format(utility=utility_on_the_way(scores, condition)),
        _asked_note(compared["All"]),
        _left_out_note(left_out),
        _INTERVALS,
    )
    return Grid(
        name=f"{file_name(condition, unlearn_modality, scores)}-equal-utility",
        title=f"{table_title(condition, unlearn_modality, scores)}: at equal utility",
        caption=" ".join(note for note in (*notes, _noise_note(compared["All"])) if note),
        groups=(*groups, ColumnGroup("Where Forget is at retrained", ("Utility ↑",))),
        blocks=tuple(
            _block(f"{title} questions", each.results) for title, each in compared.items() if each.results
        ),
    )


def _compare(
    scores: Scores,
    condition: Condition,
    unlearn_modality: str,
    modality: str,
    left_out: tuple[Measured, ...],
) -> _Compared:
    """Each method on its way, asked about the people to forget in one modality or in all."""
    ways = {
        lineage: of_seeds
        for lineage in scores.methods(condition, unlearn_modality)
        if (of_seeds := scores.trajectories.of_seeds(lineage, condition, modality, left_out))
    }
    results = {lineage: compare_at_equal_utility(each, LOSSES, _SEED) for lineage, each in ways.items()}
    return _Compared(ways, results)


def _asked_note(compared: _Compared) -> str:
    """Who was asked about on the way, and with how many seeds."""
    if not compared.ways:
        return ""
    way = next(iter(next(iter(compared.ways.values())).values()))
    to_keep = " and ".join(str(len(each.counts)) for each in way.utility)
    seeds = len({seed for of_seeds in compared.ways.values() for seed in of_seeds})
    text = (
        f"Asked on the way are a few questions about {len(way.forget.counts)} people to forget and {to_keep} "
        f"to keep, with {counted(seeds, 'seed')}"
    )
    if seeds == 1:
        return f"{text}."
    return (
        f"{text}; intervals hold for further people and further seeds. Nearest is what lies nearest in its "
        "seeds on average: one above retrained does not make up for one below."
    )


def _left_out_note(left_out: Iterable[Measured]) -> str:
    """What does not count; empty where that is nothing."""
    named = [
        f"{SET_TITLES[each.eval_set]} {question_title(each.metric.task, each.modality)}" for each in left_out
    ]
    if not named:
        return ""
    return (
        "Left out, since there is nothing to forget of it (∅: Vanilla does not know it significantly better "
        f"than Retrained): {listed(named)}."
    )


def _noise_note(compared: _Compared) -> str:
    """How far retrained models of different seeds lie apart."""
    levels = {
        seed: float(way.retrained.of_everybody()[0])
        for of_seeds in compared.ways.values()
        for seed, way in of_seeds.items()
    }
    return noise_note(gaps_of_seeds([list(levels.values())]), "all these questions")


def _block(title: str, results: Mapping[Lineage, EqualUtility]) -> Block:
    near = {loss: _nearest(results, loss) for loss in LOSSES}
    ordered = sorted(results, key=lambda each: [results[each].apart(loss) for loss in LOSSES])
    rows = tuple(Row(lineage_title(each), _cells(results[each], each, near)) for each in ordered)
    counts = tuple(count_questions([row.cells[column] for row in rows]) for column in range(_COLUMNS))
    return Block(title, counts, (), rows)


def _cells(result: EqualUtility, lineage: Lineage, near: dict[float, set[Lineage]]) -> tuple[Cell, ...]:
    cells = []
    for loss in LOSSES:
        mark = Mark.BEST if lineage in near[loss] else Mark.PLAIN
        cells += [Cell(_score(result.forget[loss]), 1, mark), Cell(_score(result.distance[loss]), 1)]
    return (*cells, Cell(None if result.utility is None else _score(result.utility), 1))


def _nearest(results: Mapping[Lineage, EqualUtility], loss: float) -> set[Lineage]:
    """The model nearest to retrained, and those that are not told from it; none if that is all of them.

    Models that share no seed with the nearest are not compared with it, and none of them.
    """
    best = min(results, key=lambda each: results[each].apart(loss))
    p_values = {
        each: p
        for each in results
        if each != best and (p := p_value_of_being_further(results[each], results[best], loss)) is not None
    }
    drawn = {each: results[each].apart_in_draws(loss) for each in (best, *p_values)}

    def spread(lineages: Sequence[Lineage]) -> Floats:
        return recentred_ranges(np.stack([drawn[each] for each in lineages]))

    return not_told_from_nearest({each: float(way[0]) for each, way in drawn.items()}, p_values, spread)


def _score(estimate: Estimate) -> Score:
    return Score(estimate.value, estimate.low, estimate.high, estimate.n, estimate.n_people)
