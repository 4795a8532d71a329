"""Generate a complete benchmark of invented people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from mllmu.benchmark import Benchmark, Profile, fingerprint, make_splits, splits_for
from mllmu.benchmark.images import MAX_PIXELS
from mllmu.errors import UserError
from mllmu.progress import Progress
from mllmu.synthesis.biography import PROSE_PROMPT, write_biography, write_prose
from mllmu.synthesis.gallery import Portrait, draw_portraits
from mllmu.synthesis.perception_writer import write_perception_questions
from mllmu.synthesis.person import Person
from mllmu.synthesis.population import make_people
from mllmu.synthesis.portraits import ORIGINAL_POSE, sample_pose
from mllmu.synthesis.question_writer import write_questions, write_training_questions
from mllmu.synthesis.seed_derivation import derive_rng

CELEBRITY_SIZE = (178, 218)
"""Width and height of the released celebrity photographs, in pixels."""

TEST_VIEWS = 2
"""Test portraits per fictitious person, unless another number is asked for."""

MAX_PEOPLE = 30_000
"""People of a benchmark, of all kinds: with more, over half the names of one heritage would be taken."""

CELEBRITIES = 153
"""Celebrities of the release, and those the built-in base model knows."""

CELEBRITY_SEED = 0
"""Celebrities are the same whatever the benchmark's seed: the base model knows these and no others."""

BACKGROUND, BACKGROUND_SEED = 400, 20241029
"""How many other people the built-in base model has read of, and the seed they are made from."""


def synthesize(
    profiles: int = 500,
    celebrities: int = 153,
    holdout: int = 50,
    seed: int = 0,
    image_size: int = 1024,
    test_image_size: int = 512,
    test_views: int = TEST_VIEWS,
    ratios: Sequence[int] = (5, 10, 15),
    nested: bool = False,
    progress: Progress | None = None,
) -> Benchmark:
    """Make a benchmark; the same arguments give the same bytes.

    Args:
        profiles: fictitious people, to be fine-tuned on and partly forgotten; at least 2.
        celebrities: people the base model knows, without training questions; of ``CELEBRITY_SEED``.
        holdout: people nobody is ever trained on.
        seed: another seed makes other people, other questions and other splits; only the published splits of
            500 people at 5, 10 and 15 % do not depend on it.
        image_size: width and height of original portraits in pixels; celebrities are at most 178x218.
        test_image_size: width and height of test portraits in pixels.
        test_views: test portraits per fictitious person, each in another pose, light and framing.
        ratios: forget ratios in per cent.
        nested: whether a smaller forget set lies inside a larger one.
        progress: called with the portraits drawn and the portraits there will be.

    Raises:
        UserError: a number is too small or too large, a portrait too large, or a ratio cannot be split off.

    Example:
        >>> benchmark = synthesize(profiles=20, celebrities=5, holdout=0, image_size=64, test_image_size=64)
        >>> len(benchmark.profiles), sorted(benchmark.splits)
        (20, [5, 10, 15])
    """
    check_sizes(profiles, celebrities, holdout, image_size, test_image_size, test_views)
    read_of = people_of_the_base()
    names = {person.name for person in read_of}
    strangers = names - {person.name for person in read_of[:CELEBRITIES]}
    famous = make_people(celebrities, CELEBRITY_SEED, "celebrity", taken=strangers)
    names |= {person.name for person in famous}
    fictitious = make_people(profiles, seed, "fictitious", taken=names)
    names |= {person.name for person in fictitious}
    unseen = make_people(holdout, seed, "holdout", taken=names)
    ids = [person.profile_id for person in fictitious]
    # The published splits are not nested, so only a caller who wants nested ones goes without them.
    splits = make_splits(ids, ratios, seed, nested=True) if nested else splits_for(ids, ratios, seed)

    width = min(CELEBRITY_SIZE[0], image_size)
    height = round(width * CELEBRITY_SIZE[1] / CELEBRITY_SIZE[0])
    portraits_by_person = [
        *(_portraits_of(person, seed, image_size, test_image_size, test_views) for person in fictitious),
        *([Portrait(person.appearance, ORIGINAL_POSE, width, height)] for person in famous),
        *([Portrait(person.appearance, ORIGINAL_POSE, image_size, image_size)] for person in unseen),
    ]
    images_by_person = _drawn_by_person(portraits_by_person, progress)
    people = [
        *(describe_fictitious(person, seed) for person in fictitious),
        *(describe(person, seed) for person in (*famous, *unseen)),
    ]
    pictured = [
        replace(profile, image=images[0], test_images=tuple(images[1:]))
        for profile, images in zip(people, images_by_person, strict=True)
    ]
    benchmark = Benchmark(
        name="synthetic",
        profiles=_by_id(pictured[:profiles]),
        celebrities=_by_id(pictured[profiles : profiles + celebrities]),
        holdout=_by_id(pictured[profiles + celebrities :]),
        splits=splits,
        celebrities_are_fictitious=True,
    )
    return replace(benchmark, fingerprint=fingerprint(benchmark))


@lru_cache(maxsize=1)
def people_of_the_base() -> tuple[Person, ...]:
    """The people that the built-in base model has read of: all its celebrities, then people of no benchmark.

    None of them shares a name with a fictitious or holdout person of `synthesize`.
    """
    famous = make_people(CELEBRITIES, CELEBRITY_SEED, "celebrity")
    taken = [person.name for person in famous]
    return (*famous, *make_people(BACKGROUND, BACKGROUND_SEED, "background", taken=taken))


def describe(person: Person, seed: int) -> Profile:
    """Write everything about a person but the portrait, as celebrities and holdout people have it."""
    return Profile(
        profile_id=person.profile_id,
        name=person.name,
        biography=write_biography(person),
        image=b"",
        questions=write_questions(person, "original", seed),
        prompt=PROSE_PROMPT,
        prose=write_prose(person),
    )


def describe_fictitious(person: Person, seed: int) -> Profile:
    """Write everything about a person but the portraits, with test, training and perception questions."""
    return replace(
        describe(person, seed),
        test_questions=write_questions(person, "test", seed),
        training_questions=write_training_questions(person, seed),
        perception_questions=write_perception_questions(person, seed),
    )


def _portraits_of(person: Person, seed: int, size: int, test_size: int, poses: int) -> list[Portrait]:
    original = Portrait(person.appearance, ORIGINAL_POSE, size, size)
    tests = [
        Portrait(
            person.appearance,
            sample_pose(derive_rng(seed, "test view", person.profile_id, number)),
            test_size,
            test_size,
        )
        for number in range(poses)
    ]
    return [original, *tests]


def _drawn_by_person(
    portraits_by_person: Sequence[Sequence[Portrait]], progress: Progress | None
) -> list[list[bytes]]:
    portraits = [portrait for own in portraits_by_person for portrait in own]
    drawn = iter(draw_portraits(portraits, progress))
    return [[next(drawn) for _ in own] for own in portraits_by_person]


def _by_id(profiles: Sequence[Profile]) -> Mapping[str, Profile]:
    return {profile.profile_id: profile for profile in profiles}


def check_sizes(
    profiles: int,
    celebrities: int,
    holdout: int,
    image_size: int,
    test_image_size: int,
    test_views: int = TEST_VIEWS,
) -> None:
    """Refuse what `synthesize` cannot make, before anybody is invented; see there for the arguments.

    Raises:
        UserError: a number is too small, there are more people than names, or a portrait is too large.
    """
    least = {
        "profiles": (profiles, 2),
        "celebrities": (celebrities, 0),
        "holdout": (holdout, 0),
        "test_views": (test_views, 0),
        "image_size": (image_size, 16),
        "test_image_size": (test_image_size, 16),
    }
    for name, (number, bound) in least.items():
        if number < bound:
            raise UserError(f"synthesize: {name} is {number}; expected at least {bound}.")
    if (people := profiles + celebrities + holdout) > MAX_PEOPLE:
        raise UserError(
            f"synthesize: {people} people are more than there are names for; expected at most {MAX_PEOPLE}."
        )
    if max(image_size, test_image_size) ** 2 > MAX_PIXELS:
        raise UserError("synthesize: portraits of more than 50 megapixels are refused by whoever reads them.")
