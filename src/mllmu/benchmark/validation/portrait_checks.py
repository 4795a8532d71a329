"""Checks of portraits: they decode, are large enough, and differ from one another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import imagehash
import numpy as np
from numpy.typing import NDArray

from mllmu.benchmark.images import ImageError, check_shape, open_image
from mllmu.benchmark.iteration import everybody
from mllmu.benchmark.load_report import person_key, test_key
from mllmu.benchmark.types import Benchmark
from mllmu.benchmark.validation_issues import Check, Location, Severity, ValidationIssue
from mllmu.progress import Progress

SMALLEST = 32
"""Pixels of a side below which a portrait hardly shows a face."""

# The perceptual hash has 16 x 16 bits. Seen among 500 + 153 + 50 drawn people at 128 pixels, in differing
# bits: the same image as JPEG of quality 90 at most 10 (50: 12), at half or four times the size 6 and 8,
# brighter by 15 % 14; original portraits of different people at least 28, in 99.9 % of all pairs at least 60;
# originals against others' test images at least 52, against their own at least 38. With the usual 8 x 8 bits
# copies (6) and other people (4) overlap. A crop by 5 % on each side differs in 75 bits and is not found.
_HASH_SIDE = 16
_ALIKE = 16
_ROWS_AT_A_TIME = 256


@dataclass(frozen=True)
class _Portrait:
    profile_id: str
    key: str
    data: bytes


def poor_portraits(
    benchmark: Benchmark, locations: Mapping[str, Location], progress: Progress
) -> Iterator[ValidationIssue]:
    """Find portraits that are too small, and nearly equal ones of different people or of test and original.

    Args:
        benchmark: whose portraits; those that could not be read are empty and skipped.
        locations: file, row and field of each portrait.
        progress: called with the portraits looked at and all there are.
    """
    portraits = _portraits(benchmark)
    hashed, hashes = [], []
    for number, portrait in enumerate(portraits, start=1):
        progress(number, len(portraits))
        try:
            image = open_image(portrait.data)
            check_shape(image)
        except ImageError as error:  # a PNG whose checksums hold may still not decode
            problem = f"the image {error.problem}"
            yield ValidationIssue(
                Severity.ERROR, Check.IMAGE, locations[portrait.key], problem, error.expected
            )
            continue
        if min(image.size) < SMALLEST:
            problem = f"{image.width} x {image.height} pixels"
            expected = f"at least {SMALLEST} x {SMALLEST}"
            yield ValidationIssue(Severity.WARNING, Check.IMAGE, locations[portrait.key], problem, expected)
        hashed.append(portrait)
        hashes.append(imagehash.phash(image, hash_size=_HASH_SIDE).hash.ravel())
    yield from _similar(hashed, np.array(hashes, dtype=np.float32), locations)


def _portraits(benchmark: Benchmark) -> list[_Portrait]:
    portraits = []
    for person in everybody(benchmark):
        one = person.profile_id
        portraits.append(_Portrait(one, person_key(one), person.image))
        portraits += [
            _Portrait(one, test_key(one, number), data) for number, data in enumerate(person.test_images)
        ]
    return [portrait for portrait in portraits if portrait.data]


def _similar(
    portraits: Sequence[_Portrait], bits: NDArray[np.float32], locations: Mapping[str, Location]
) -> Iterator[ValidationIssue]:
    for start in range(0, len(portraits), _ROWS_AT_A_TIME):
        rows = bits[start : start + _ROWS_AT_A_TIME]
        differing = rows.sum(1)[:, None] + bits.sum(1)[None, :] - 2 * rows @ bits.T
        for row, column in np.argwhere(differing <= _ALIKE):
            one, other = portraits[start + row], portraits[column]
            # Somebody's original comes before their test portraits, which may be as alike as they like.
            own = other.key == person_key(one.profile_id)
            if column < start + row and (own or one.profile_id != other.profile_id):
                whose = "original portrait" if own else "image"
                problem = f"nearly the {whose} of {other.profile_id} in {locations[other.key]}"
                yield ValidationIssue(
                    Severity.WARNING,
                    Check.SIMILAR_IMAGES,
                    locations[one.key],
                    f"{problem} ({differing[row, column]:.0f} of {_HASH_SIDE**2} bits differ)",
                    "another portrait of the same person" if own else "a portrait of its own",
                )
