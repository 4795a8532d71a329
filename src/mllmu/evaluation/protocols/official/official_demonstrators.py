"""Who demonstrates, where the user says it instead of leaving it to chance, and the file that keeps it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from mllmu.benchmark import Benchmark, EvaluationSet, Task
from mllmu.errors import UserError
from mllmu.evaluation.protocols.official.draws import Draw
from mllmu.evaluation.protocols.official.official_questions import DEMONSTRATED
from mllmu.evaluation.view import TEST, name_of_view
from mllmu.evaluation.views.test_portraits import portrait_index
from mllmu.files import atomic_file
from mllmu.json_text import parse_json
from mllmu.suggest import unknown

_LOG = logging.getLogger(__name__)

if TYPE_CHECKING:
    import pandas as pd

DEMONSTRATORS_FILE = "demonstrators.json"


class Choice(BaseModel):
    """What is settled for one task in one set.

    Attributes:
        people: ids of those who demonstrate.
        images: by id, the index of the test portrait the person is shown with.
    """

    model_config = ConfigDict(extra="forbid")

    people: list[str] = []
    images: dict[str, int] = {}


Choices = dict[EvaluationSet, dict[Task, Choice]]
_FILE = TypeAdapter(Choices)


def settled(drawn: Draw, said: str, benchmark: Benchmark, counts: Mapping[Task, int]) -> Draw:
    """The draw, with what the user said in its place.

    Args:
        drawn: what chance would give.
        said: ids with commas between them, of which each task takes the first in every set it demonstrates
            in; or a JSON file as `write_demonstrators` makes it, whose silence leaves the draw as it is.
        benchmark: the people.
        counts: how many demonstrate each task.

    Raises:
        UserError: an id or a test image does not exist, or the file is missing or has another form.
    """
    if not said.endswith(".json"):
        ids = list(dict.fromkeys(one.strip() for one in said.split(",")))
        _check_people(ids, benchmark)
        if len(ids) < (most := max(counts.values())):
            _LOG.warning(
                "%d people are named to demonstrate, and the published evaluation shows up to %d for a task.",
                len(ids),
                most,
            )
        people = {(each, task): tuple(ids[: counts[task]]) for task in counts for each in DEMONSTRATED[task]}
        return Draw(people, drawn.images)
    people, images = dict(drawn.people), dict(drawn.images)
    for eval_set, tasks in _read(Path(said)).items():
        for task, choice in tasks.items():
            _check_people(choice.people, benchmark)
            people[eval_set, task] = tuple(choice.people)
            for profile_id, index in choice.images.items():
                _check_image(profile_id, index, benchmark)
                images[task, profile_id] = index
    return Draw(people, images)


def write_demonstrators(records: pd.DataFrame, folder: Path) -> None:
    """Write who demonstrated in an evaluation, and which test portraits were shown, for `settled` to read.

    ``{"test": {"cloze": {"people": ["001", "002"], "images": {"003": 1}}}}``: 001 and 002 demonstrated cloze
    questions of the test set, for which 003 was shown with the second test portrait.

    Raises:
        UserError: the file cannot be written.
    """
    choices: dict[str, dict[str, Choice]] = {}
    for (eval_set, task), asked in records.groupby(["eval_set", "task"], sort=False):
        shown = asked[asked["view"].map(name_of_view) == TEST]
        choices.setdefault(str(eval_set), {})[str(task)] = Choice(
            people=list(dict.fromkeys(one for people in asked["demonstrators"] for one in people)),
            images=dict(zip(shown["profile_id"], map(portrait_index, shown["view"]), strict=True)),
        )
    with atomic_file(folder / DEMONSTRATORS_FILE) as unfinished:
        unfinished.write_bytes(_FILE.dump_json(_FILE.validate_python(choices), indent=2) + b"\n")


def _read(path: Path) -> Choices:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"The demonstrators' file {path} cannot be read: {error.strerror}.") from None
    try:
        return _FILE.validate_python(parse_json(content))
    except ValidationError as error:
        first = error.errors()[0]
        path_in_file = ".".join(map(str, first["loc"]))
        fault = f"{f' at {path_in_file}' if path_in_file else ''}: {first['msg']}"
    except ValueError as error:
        fault = f": {error}"
    raise UserError(
        f"The demonstrators' file {path} is wrong{fault}; expected "
        f"a {DEMONSTRATORS_FILE} as an official evaluation writes it."
    )


def _check_people(ids: Sequence[str], benchmark: Benchmark) -> None:
    for profile_id in ids:
        if profile_id not in benchmark.profiles:
            raise unknown("demonstrator", profile_id, benchmark.profiles)


def _check_image(profile_id: str, index: int, benchmark: Benchmark) -> None:
    _check_people([profile_id], benchmark)
    count = len(benchmark.profiles[profile_id].test_images)
    if not 0 <= index < count:
        raise UserError(
            f"Test image {index} of '{profile_id}' does not exist: expected a number from 0 to {count - 1}."
        )
