"""The benchmark a recipe or a command names, and who is to be forgotten in it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from mllmu.benchmark import Benchmark, Split, load_benchmark, make_splits, official_splits, splits_for
from mllmu.benchmark.requested_facts import requesting
from mllmu.benchmark.splits import checked
from mllmu.errors import UserError
from mllmu.study.pipeline.execution.stage_store import Made, Stage
from mllmu.study.pipeline.stages.synthesis_stage import BENCHMARK_FOLDER, synthesis_stage
from mllmu.study.recipe.recipe_settings import SYNTHETIC, SyntheticSettings

_LOG = logging.getLogger(__name__)


def open_benchmark(source: str, synthetic: SyntheticSettings, do: Callable[[Stage], Made]) -> Benchmark:
    """Load a benchmark, making its people first if it is the synthetic one.

    Both take the same way: what was synthesised is read back from the released layout.

    Args:
        source: ``synthetic``, a folder in the released layout, or a hub id.
        synthetic: whom to make; read only for ``synthetic``.
        do: makes them, unless they are made already.

    Raises:
        UserError: if there is no such benchmark or it is damaged.
    """
    if source != SYNTHETIC:
        return load_benchmark(source)
    return load_benchmark(do(synthesis_stage(synthetic)).folder / BENCHMARK_FOLDER)


def choose_split(
    benchmark: Benchmark, forget_ratio: int, seed: int | None, attributes: Sequence[str] = ()
) -> Split:
    """Who is forgotten and who retained.

    Args:
        benchmark: the people.
        forget_ratio: per cent of the fictitious people to forget.
        seed: draws a split of one's own; None takes the benchmark's, and draws only if it has none at all.
        attributes: what of the people to forget is to be forgotten; everything where there are none.

    Raises:
        UserError: if so many people cannot be forgotten, the benchmark has splits, but not this one, or such
            attributes cannot be forgotten of them.
    """
    return requesting(_chosen(benchmark, forget_ratio, seed), attributes, benchmark)


def _chosen(benchmark: Benchmark, forget_ratio: int, seed: int | None) -> Split:
    """The split with all that there is about its people."""
    people = tuple(benchmark.profiles)
    if seed is not None:
        return make_splits(people, [forget_ratio], seed)[forget_ratio]
    own = benchmark.splits.get(forget_ratio)
    if own is not None:
        return checked(own)
    if benchmark.splits and not _are_only_supplied(benchmark):
        raise UserError(
            f"{benchmark.name} has no split that forgets {forget_ratio} per cent; expected one of "
            f"{', '.join(map(str, sorted(benchmark.splits)))}, or a split_seed in a recipe, which draws one."
        )
    split = splits_for(people, [forget_ratio], seed=0)[forget_ratio]
    _LOG.log(
        logging.INFO if benchmark.celebrities_are_fictitious else logging.WARNING,
        "%s has no splits: %d of %d people are drawn to be forgotten at forget ratio %d (seed 0).",
        benchmark.name,
        len(split.forget),
        len(people),
        forget_ratio,
    )
    return split


def _are_only_supplied(benchmark: Benchmark) -> bool:
    """Whether the splits are the published ones, which 500 generated people get because of their ids."""
    return benchmark.celebrities_are_fictitious and dict(benchmark.splits) == official_splits()
