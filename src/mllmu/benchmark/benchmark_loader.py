"""Load a benchmark from a folder or the Hugging Face hub, whatever folder layout it is in."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from mllmu.benchmark.fingerprinting import fingerprint
from mllmu.benchmark.hub import download
from mllmu.benchmark.iteration import evaluated, everybody
from mllmu.benchmark.language.control_signs import without_control_signs
from mllmu.benchmark.layout_registry import layout_of
from mllmu.benchmark.load_report import LoadReport, person_key, test_key, training_key
from mllmu.benchmark.types import Benchmark
from mllmu.benchmark.validation_issues import Location
from mllmu.errors import UserError
from mllmu.hub_access import is_hub_id

_LOG = logging.getLogger(__name__)


def load_benchmark(source: str | Path) -> Benchmark:
    """Load a benchmark; if entries had to be repaired or left out, one warning says so.

    Args:
        source: a folder in one of the registered layouts, or a hub id such as ``MLLMMU/MLLMU-Bench``.

    Raises:
        UserError: there is no such benchmark, no layout recognises the folder, or a file, row or field of it
            cannot be used.

    Example:
        >>> benchmark = load_benchmark("people")  # doctest: +SKIP
        >>> len(benchmark.profiles)  # doctest: +SKIP
        500
    """
    benchmark, report = load_benchmark_with_report(source)
    if report.notes:
        _LOG.warning(
            "%s: %d entries were repaired or left out (mllmu data validate lists them); the first: %s",
            benchmark.name,
            len(report.notes),
            report.notes[0],
        )
    return benchmark


def load_benchmark_with_report(
    source: str | Path, report: LoadReport | None = None
) -> tuple[Benchmark, LoadReport]:
    """Load a benchmark, and list what had to be repaired or left out.

    Images stay encoded. The first of ``layout_registry.LAYOUTS`` that recognises the folder reads it.

    Args:
        source: as for `load_benchmark`.
        report: where to list it; decides what happens to an entry that cannot be used: by default loading
            ends with an error.

    Raises:
        UserError: as `load_benchmark`.
    """
    report = LoadReport() if report is None else report
    if not str(source).strip():  # of a shell variable that is not set; as a path it is the current folder
        raise UserError(
            "The benchmark has no name; expected a folder or a hub id such as MLLMMU/MLLMU-Bench."
        )
    folder = Path(source)
    if folder.is_dir():
        return _read(folder, report), report
    if folder.exists() or not is_hub_id(str(source)):
        raise UserError(
            f"{source} is no folder; expected a benchmark folder in the released layout "
            "or a hub id such as MLLMMU/MLLMU-Bench."
        )
    return replace(_read(download(str(source)), report), name=str(source)), report


def _read(folder: Path, report: LoadReport) -> Benchmark:
    benchmark = layout_of(folder).read(folder, report)
    _complete_locations(benchmark, folder, report)
    benchmark = without_control_signs(benchmark, report)
    return replace(benchmark, fingerprint=fingerprint(benchmark))


def _complete_locations(benchmark: Benchmark, folder: Path, report: LoadReport) -> None:
    """Give the folder as the location of everything that the layout gave no file and row for."""
    for person in everybody(benchmark):
        profile_id = person.profile_id
        for key in (
            person_key(profile_id),
            *(test_key(profile_id, number) for number in range(len(person.test_images))),
            *(training_key(profile_id, number) for number in range(len(person.training_questions))),
            *(question.question_id for question in evaluated(person)),
        ):
            report.locations.setdefault(key, Location(str(folder), None, key))
