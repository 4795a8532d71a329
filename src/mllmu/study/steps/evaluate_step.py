"""``mllmu evaluate``: ask a model, and save its records and scores."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mllmu.errors import UserError
from mllmu.evaluation import (
    compare_values,
    get_extras,
    get_protocol,
    missing_answers_warning,
    missing_likelihoods_warning,
    question_values,
    require_extras,
    require_scored_answers,
    write_records,
)
from mllmu.inference import CachedEngine, PartialAnswersError
from mllmu.inference.endpoint import EndpointEngine, is_url
from mllmu.report.run_folder import (
    PERSON_SCORES_FILE,
    RECORDS_FOLDER,
    RESULTS_FILE,
    WARNINGS_FILE,
    records_name,
)
from mllmu.study.pipeline.tables.parquet_table import write_table
from mllmu.study.pipeline.tables.results_table import label_person_scores, label_scores
from mllmu.study.steps import python_steps
from mllmu.study.steps.evaluation_note import (
    precision_asked,
    warn_of_other_precision,
    weights_of,
    write_evaluation_note,
)
from mllmu.study.steps.lineage_note import named_lineage
from mllmu.study.steps.open_engine import cached, check_engine, open_engine
from mllmu.study.steps.other_evaluation import common_records, read_other
from mllmu.study.steps.step_setting import CACHE, StepSetting, check_people, shown_benchmark, shown_step
from mllmu.training import Precision

_ANSWERS = CACHE / "answers.sqlite"
_COMPARISON_FILE = "comparison.parquet"


def evaluate_model(
    setting: StepSetting,
    forget: int,
    protocol: str,
    demonstrators: str,
    reference: Path | None,
    served_name: str | None = None,
    cache: bool | None = None,
    views: Sequence[str] = (),
    vanilla: Path | None = None,
    record: Sequence[str] = (),
    limit: int | None = None,
    attributes: Sequence[str] = (),
    precision: Precision = "auto",
) -> pd.DataFrame:
    """Ask a model, and save its records and scores, with a reference's beside them where one is given.

    If more than 1 % of the answers are missing, ``warnings.txt`` in the folder says so. What was asked, and
    how, is noted in ``evaluations/``.

    Args:
        setting: benchmark, model (or the URL of a server's API) and folder.
        forget: per cent of the people that count as forgotten.
        protocol: how questions are put.
        demonstrators: who answers questions first, in the protocol's own words.
        reference: the folder of another model's evaluation on the same benchmark, as a rule the retrained
            model's: metrics that need a reference read its records, and ``comparison.parquet`` holds the
            difference of the two.
        served_name: what a server calls the model.
        cache: whether to keep answers and take those of earlier evaluations; None does so for a model in
            memory.
        views: further ways of showing people.
        vanilla: the folder of an evaluation of the model before unlearning, which some metrics read as well.
        record: what else to record of reference answers, see `python_steps.evaluate`.
        limit: at most how many questions of each set, modality and task are asked; see there.
        attributes: what of the people counts as forgotten; everything where there are none.
        precision: in which a model in memory is asked; see `asked_in`.

    Returns:
        The model's rows of ``results.parquet``.

    Raises:
        UserError: if something named does not exist or does not fit, or the folder is not empty.
    """
    check_engine(setting.model, served_name, precision)
    if is_url(setting.model):
        require_extras(get_extras(record), EndpointEngine.extras)
    other = None if reference is None else read_other(reference, protocol, "--reference")
    before = None if vanilla is None else read_other(vanilla, protocol, "--vanilla")
    check_people(setting, forget, protocol, demonstrators, attributes)
    note: dict[str, Any] = {
        "model": setting.model,
        "served_name": served_name,
        "precision": "" if is_url(setting.model) else precision_asked(precision, setting.device),
        "forget": forget,
        "protocol": protocol,
        "demonstrators": demonstrators,
        "seed": setting.seed,
        "views": views,
        "record": record,
        "limit": limit,
        "attributes": attributes,
        "reference": reference,
        "vanilla": vanilla,
    }
    warn_of_other_precision(note, [folder for folder in (reference, vanilla) if folder is not None])
    title = f"ask {setting.model}"
    with shown_benchmark(setting) as benchmark, shown_step(setting, title) as (folder, progress):
        seed = setting.seed
        items = python_steps.items_to_ask(
            benchmark, forget, protocol, demonstrators, seed, views, limit, attributes
        )
        # Before a model is loaded and asked: a mistake should not cost the answers.
        require_scored_answers(get_extras(record), get_protocol(protocol), items)
        if other is not None:
            other = common_records(other, f"--reference {reference}", items)
        if before is not None:
            before = common_records(before, f"--vanilla {vanilla}", items, same_sets=False)
        engine, name = open_engine(setting.model, setting.device, served_name, precision)
        lineage, model_seed = named_lineage(name)
        note |= {"lineage": lineage.columns, "model_seed": model_seed, "weights": weights_of(setting.model)}
        engine = cached(engine, setting.model, cache, _ANSWERS)
        try:
            evaluation = python_steps.ask_and_score(
                engine, items, protocol, setting.seed, other, before, progress, record
            )
        except PartialAnswersError as error:
            is_kept = isinstance(engine, CachedEngine)
            fate = "are kept for another try" if is_kept else "are lost; --cache would keep them"
            raise UserError(f"{error} The answers given before {fate}.") from error
        labels = {**lineage.columns, "forget_ratio": forget, "seed": model_seed, "protocol": protocol}
        labels["benchmark"] = benchmark.fingerprint
        results = label_scores(evaluation.scores, labels)
        write_table(results, folder / RESULTS_FILE)
        of_people = label_person_scores(evaluation.person_scores, labels)
        write_table(of_people, folder / PERSON_SCORES_FILE)
        stem = lineage.file_stem(forget, model_seed)
        records_file = folder / RECORDS_FOLDER / records_name(stem)
        write_records(evaluation.records, records_file)
        tell = (missing_answers_warning, missing_likelihoods_warning)
        if warnings := [warning for each in tell if (warning := each(evaluation.records))]:
            (folder / WARNINGS_FILE).write_text("".join(f"{each}\n" for each in warnings), encoding="utf-8")
        write_evaluation_note(folder, records_file.stem, {**note, "benchmark": benchmark.fingerprint})
        get_protocol(protocol).write_files(evaluation.records, records_file.stem, folder)
        if other is not None:
            compared = compare_values(evaluation.values, question_values(other), setting.seed)
            write_table(compared, folder / _COMPARISON_FILE)
    return results
