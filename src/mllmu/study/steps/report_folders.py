"""Reporting on results that are there already, of one folder or of several together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mllmu.benchmark import Benchmark
from mllmu.errors import UserError
from mllmu.files import updated_folder
from mllmu.report import (
    ReportPaths,
    protocol_of,
    read_depth,
    read_person_scores,
    read_recoverability,
    read_results,
    read_training_log,
    read_trajectories,
    write_report,
)
from mllmu.report.provenance import read_provenance
from mllmu.report.run_folder import (
    DEPTH_FILE,
    EVALUATIONS_FOLDER,
    MADE_FILES,
    PERSON_SCORES_FILE,
    RECIPE_FILE,
    RECORDS_FOLDER,
    RECOVERABILITY_FILE,
    RESULTS_FILE,
    STAGES_FOLDER,
    TABLES_FOLDER,
    TRAINING_LOG_FILE,
    TRAJECTORY_FILE,
    records_name,
)
from mllmu.study.pipeline.benchmark_source import open_benchmark
from mllmu.study.pipeline.execution.executor import Executor
from mllmu.study.pipeline.execution.run_display import Display
from mllmu.study.pipeline.execution.stage_store import Store
from mllmu.study.pipeline.output_folders import note_joined, require_report_folder
from mllmu.study.pipeline.stages.report_stage import write_comparisons
from mllmu.study.pipeline.tables.parquet_table import write_table
from mllmu.study.pipeline.tables.results_table import join_results, share, sort_person_scores
from mllmu.study.recipe.recipe_settings import SYNTHETIC, SyntheticSettings, load_recipe
from mllmu.study.steps.evaluation_note import evaluation_note, store_note
from mllmu.study.steps.joined_questions import require_same_draws, require_same_questions
from mllmu.study.steps.judging.noted_judge import require_one_judge
from mllmu.study.steps.step_setting import CACHE

_TITLE = "write the report"
_FURTHER_TABLES = {
    TRAJECTORY_FILE: read_trajectories,
    TRAINING_LOG_FILE: read_training_log,
    DEPTH_FILE: read_depth,
    RECOVERABILITY_FILE: read_recoverability,
}


def report_again(
    folders: Sequence[Path], benchmark: str | None, out: Path | None, display: Display
) -> ReportPaths:
    """Write the report of one folder anew, or one report of several.

    Args:
        folders: of runs or single evaluations.
        benchmark: whom they are about; None if the first folder is a run's, whose recipe says it.
        out: where to put the report; None for the folder itself, if there is one only.
        display: whom to tell if people have to be made first.

    Raises:
        UserError: if results are missing, two folders hold the same model's, are about different people or
            were asked different questions or probed by different draws or judged by different judges, or it
            is not said whom they are about or where to put the report, or that folder holds files of
            something else, or the people that are named are not those of the results.
    """
    if out is None and len(folders) > 1:
        raise UserError("a report on several folders needs --out, a folder to put it in")
    results = join_results(folders, [read_results(folder) for folder in folders])
    if out is not None and len(folders) > 1 and out.resolve() in [folder.resolve() for folder in folders]:
        raise UserError(
            f"--out {out} is one of the folders to report on; expected another, or it would be lost"
        )
    joins = out is not None and out.resolve() not in [folder.resolve() for folder in folders]
    if out is not None and joins:
        require_report_folder(out)
    if len(folders) > 1:
        require_same_questions(folders)
        require_same_draws(folders)
        require_one_judge(folders)
    with display:
        people = _open(folders[0], benchmark, display)
        _require_same_people(folders[0], results, people)
        display.begin(_TITLE)
        if out is None:
            paths = write_report(folders[0], people)  # which writes nothing if it fails
            write_comparisons(folders[0])
        else:
            paths = _join(folders, results, people, out, joins)
        display.end(_TITLE)
    return paths


def _join(
    folders: Sequence[Path], results: pd.DataFrame, people: Benchmark, out: Path, joins: bool
) -> ReportPaths:
    """Put what folders hold together into a further one, or one's own again, with a report on all."""
    with updated_folder(out) as new:
        write_table(results, new / RESULTS_FILE)
        # Models of folders without are in the tables, and in no comparison.
        parts = [part for folder in folders if (part := read_person_scores(folder)) is not None]
        if parts:
            of_people = sort_person_scores(pd.concat(parts, ignore_index=True))
            write_table(of_people, new / PERSON_SCORES_FILE)
        for file, read in _FURTHER_TABLES.items():
            tables = {str(folder): table for folder in folders if (table := read(folder)) is not None}
            if tables:
                joined_table = _join_logs(tables) if file == TRAINING_LOG_FILE else pd.concat(tables.values())
                write_table(joined_table.reset_index(drop=True), new / file)
        write_comparisons(new)
        sources: dict[str, str] = {}
        several = results["protocol"].nunique() > 1
        for folder in folders:
            asked_in = _of_stages(folder)
            for records in sorted((folder / RECORDS_FOLDER).glob("*.parquet")):
                protocol = protocol_of(records) if several else ""
                is_named = protocol and records.stem.endswith(f"-{protocol}")  # a joined report, joined again
                name = records_name(records.stem, "" if is_named else protocol)
                share(records, new / RECORDS_FOLDER / name)
                sources[str(new / RECORDS_FOLDER / name)] = str(records)
                if note := {**asked_in, **evaluation_note(folder, records.stem)}:
                    store_note(new, Path(name).stem, note)
        if joins:
            note_joined(new, folders)
        try:
            paths = write_report(new, people)
        except UserError as error:  # a damaged file is named by where it will not have been
            sentence = str(error)
            for shared, source in sources.items():
                sentence = sentence.replace(shared, source)
            raise UserError(sentence) from error
        joined = {file.relative_to(new) for file in new.rglob("*")}
    if joins:
        _remove_stale(out, joined)
    return ReportPaths(out / paths.page.name, tuple(out / path.relative_to(new) for path in paths.tables))


def _of_stages(folder: Path) -> dict[str, Any]:
    """What notes say of a run's models, as its stages are not joined: in what they were asked, if known."""
    asked = ", ".join(read_provenance(folder).precisions) if (folder / STAGES_FOLDER).is_dir() else ""
    return {"precision": asked} if asked else {}


def _join_logs(logs: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The steps of all trainings; where two folders have another training of one name, with the folder's."""
    parts: dict[str, pd.DataFrame] = {}
    for folder, log in logs.items():
        for model, steps in log.groupby("model", sort=False):
            name = str(model)
            if name in parts and not _are_equal(parts[name], steps):
                name = f"{name} ({folder})"
            parts.setdefault(name, steps.assign(model=name))
    return pd.concat(parts.values())


def _are_equal(first: pd.DataFrame, second: pd.DataFrame) -> bool:
    # A log has columns for what any of its trainings noted.
    own, other = (each.dropna(axis="columns", how="all").reset_index(drop=True) for each in (first, second))
    return set(own) == set(other) and own.equals(other[list(own)])


def _remove_stale(out: Path, joined: set[Path]) -> None:
    """Take away what an earlier join left: its models and tables would pass for those of this one."""
    kinds = (*MADE_FILES, f"{RECORDS_FOLDER}/*.parquet", f"{EVALUATIONS_FOLDER}/*.json", f"{TABLES_FOLDER}/*")
    for file in (file for kind in kinds for file in out.glob(kind)):
        if file.is_file() and file.relative_to(out) not in joined:
            file.unlink()


def _require_same_people(folder: Path, results: pd.DataFrame, people: Benchmark) -> None:
    # Ids are alike in all benchmarks of fictitious people: scores of some would stand beside faces of others.
    asked_about = sorted(set(results["benchmark"]))
    if asked_about != [people.fingerprint]:
        raise UserError(
            f"{folder} was evaluated on the benchmark with fingerprint {', '.join(asked_about)}, and "
            f"{people.name} has {people.fingerprint}; expected the people it was evaluated on, as --benchmark"
        )


def _open(folder: Path, benchmark: str | None, display: Display) -> Benchmark:
    file = folder / RECIPE_FILE
    synthetic = SyntheticSettings()
    if benchmark is None:
        if not file.is_file():
            raise UserError(f"{folder} has no {RECIPE_FILE} that says whom it is about; expected --benchmark")
        recipe = load_recipe(file)
        benchmark, synthetic = recipe.benchmark, recipe.synthetic
    # Only a run's folder holds stages; people of an evaluation lie where it was made.
    stages = folder if file.is_file() else CACHE
    executor = Executor(Store(stages / STAGES_FOLDER), display)
    executor.expect(int(benchmark == SYNTHETIC) + 1)  # making people, and the report
    return open_benchmark(benchmark, synthetic, executor.do)
