"""Categorical distributions over texts, and wrong options drawn from them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class CategoricalDistribution:
    """A categorical distribution: values and their unnormalised weights, all above zero."""

    values: tuple[str, ...]
    weights: tuple[float, ...]

    @classmethod
    def uniform(cls, values: Iterable[str]) -> CategoricalDistribution:
        """Make every value equally likely."""
        values = tuple(values)
        return cls(values, (1.0,) * len(values))

    @classmethod
    def weighted(cls, weights: Mapping[str, float]) -> CategoricalDistribution:
        """Make values as likely as their weights say; those of weight zero are dropped."""
        possible = {value: weight for value, weight in weights.items() if weight > 0}
        return cls(tuple(possible), tuple(possible.values()))

    @cached_property
    def probabilities(self) -> Mapping[str, float]:
        """Probability by value."""
        total = sum(self.weights)
        return {value: weight / total for value, weight in zip(self.values, self.weights, strict=True)}

    @cached_property
    def _cumulative(self) -> tuple[float, ...]:
        return tuple(itertools.accumulate(self.weights))

    def draw(self, rng: random.Random) -> str:
        """Draw one value."""
        return rng.choices(self.values, cum_weights=self._cumulative)[0]

    def given(self, likelihood: Callable[[str], float]) -> CategoricalDistribution:
        """Apply Bayes' rule: the distribution after seeing what has this likelihood under each value."""
        return CategoricalDistribution.weighted(
            {v: w * likelihood(v) for v, w in zip(self.values, self.weights, strict=True)}
        )

    def decoys(self, true: str, count: int, rng: random.Random, avoid: Collection[str] = ()) -> list[str]:
        """Draw wrong values such that nobody who knows this distribution can tell which value is true.

        Drawing wrong values one after the other would make the likeliest of the options the best guess.
        Instead the values are laid around a circle in random order, each on an arc as long as its
        probability, and ``count + 1`` evenly spaced points choose the options, the true value's point
        being uniform on its arc. Any of the options would then have led to the same set with the same
        density, so each is true with probability ``1 / (count + 1)``. Arcs longer than the spacing are
        cut to it; only for such a value is the true one easier to guess.

        Args:
            true: the true value, which must be possible.
            count: how many wrong values, at least 1.
            rng: source of randomness.
            avoid: values not to use.

        Returns:
            ``count`` distinct values in random order, none of them ``true``.

        Raises:
            ValueError: if ``true`` is impossible here or there are not enough values.
        """
        banned = frozenset(avoid) - {true}
        weights = {v: w for v, w in zip(self.values, self.weights, strict=True) if v not in banned}
        if true not in weights:
            raise ValueError(f"{true!r} is not among the values that are possible here")
        if len(weights) <= count:
            raise ValueError(f"{count} wrong values were asked for and {len(weights) - 1} exist")
        if len(weights) == count + 1 or len(set(weights.values())) == 1:
            others = [value for value in weights if value != true]
            return rng.sample(others, count)
        arcs = _cut(weights, 1 / (count + 1))
        while True:
            options = _evenly_spaced(arcs, true, count + 1, rng)
            # An arc as long as the spacing can be hit twice through rounding.
            if len({true, *options}) == count + 1:
                return options


def _cut(weights: Mapping[str, float], longest: float) -> dict[str, float]:
    """Scale weights to a sum of 1 with none above ``longest``; the rest keep their proportions."""
    cut: dict[str, float] = {}
    rest = dict(weights)
    while True:
        scale = (1 - longest * len(cut)) / sum(rest.values())
        too_long = [value for value, weight in rest.items() if weight * scale > longest]
        if not too_long:
            return {**cut, **{value: weight * scale for value, weight in rest.items()}}
        for value in too_long:
            cut[value] = longest
            del rest[value]


def _evenly_spaced(arcs: Mapping[str, float], true: str, points: int, rng: random.Random) -> list[str]:
    """Give the values that the other points fall on when one point falls on ``true``."""
    values = list(arcs)
    rng.shuffle(values)
    # Starting the circle at the true arc saves looking for it; the order is random either way.
    start = values.index(true)
    values = values[start:] + values[:start]
    ends = list(itertools.accumulate(arcs[value] for value in values))
    first = rng.random() * arcs[true]
    chosen: list[str] = []
    position = 0
    for point in range(1, points):
        target = first + point / points
        while position < len(ends) - 1 and ends[position] <= target:
            position += 1
        chosen.append(values[position])
    rng.shuffle(chosen)
    return chosen
