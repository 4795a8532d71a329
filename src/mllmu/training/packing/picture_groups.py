"""Which samples of a batch begin with the same picture, and what packing them saves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mllmu.models import Encoded

# Below it, what the masks of packed rows cost is hardly earned. The built-in model stays below: seven of the
# 22 and more tokens of a sample end with its picture.
LEAST_RATIO = 1.5


@dataclass(frozen=True)
class PictureGroup:
    """Samples whose tokens are the same up to the end of the same picture.

    Attributes:
        members: their positions in the batch, at least one.
        prefix: tokens up to the end of the picture; 0 of a sample without one, which is alone.
    """

    members: tuple[int, ...]
    prefix: int


def picture_groups(items: Sequence[Encoded], feature_id: int) -> list[PictureGroup]:
    """Every sample in one group, in the order of the groups' first samples.

    Args:
        items: the samples. Those that show one picture share its tensors, as ``SampleDataset`` makes them.
        feature_id: the token that stands for a feature of a picture.
    """
    groups: dict[object, list[int]] = {}
    prefixes: dict[object, int] = {}
    for index, item in enumerate(items):
        shown = (item.input_ids == feature_id).nonzero()
        prefix = int(shown[-1]) + 1 if item.vision and len(shown) else 0
        key: object = (id(item.vision), tuple(item.input_ids[:prefix].tolist())) if prefix else index
        groups.setdefault(key, []).append(index)
        prefixes[key] = prefix
    return [PictureGroup(tuple(members), prefixes[key]) for key, members in groups.items()]


def token_ratio(items: Sequence[Encoded], groups: Sequence[PictureGroup]) -> float:
    """Tokens of some samples by those left when every group's prefix is computed once, at least 1."""
    tokens = sum(len(item) for item in items)
    return tokens / (tokens - sum((len(group.members) - 1) * group.prefix for group in groups))


def largest_ratio(items: Sequence[Encoded], groups: Sequence[PictureGroup]) -> float:
    """What no batch of some samples exceeds: its ratio, had it only the best sample, and that without end."""
    return max(
        (
            len(items[index]) / (len(items[index]) - group.prefix)
            for group in groups
            if len(group.members) > 1
            for index in group.members
        ),
        default=1.0,
    )
