"""Auditing the metrics on the models of finished runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from mllmu.benchmark.types import EvaluationSet
from mllmu.errors import UserError
from mllmu.evaluation import Models, question_values, read_records
from mllmu.evaluation.audit.faithfulness import faithfulness, pool_rows
from mllmu.evaluation.audit.metric_agreement import DRAWS, agreement
from mllmu.evaluation.audit.readings import Reading, readings
from mllmu.evaluation.set_metrics.set_metric import Asked
from mllmu.files import updated_folder
from mllmu.progress import Progress
from mllmu.report import read_results
from mllmu.report.run_folder import RECORDS_FOLDER, records_name
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, UNLEARNED, VANILLA_LINEAGE, Lineage

FAITHFULNESS_FILE, AGREEMENT_FILE = "faithfulness.csv", "agreement.csv"
_READ = (EvaluationSet.FORGET.value, EvaluationSet.HOLDOUT.value)
_LEAST_METHODS = 3


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Attributes:
        faithfulness: as `faithfulness` gives it; empty where too few models are there.
        agreement: as `agreement` gives it; empty where too few methods are there.
    """

    faithfulness: pd.DataFrame
    agreement: pd.DataFrame


@dataclass(frozen=True)
class _Model:
    """A model of a run, asked about the people of one split."""

    run: Path
    lineage: Lineage
    forget_ratio: int
    seed: int

    @property
    def group(self) -> str:
        """What models share that forget the same people from the same vanilla model."""
        return f"{self.run} {self.forget_ratio} {self.seed}"

    def other(self, lineage: Lineage, seed: int) -> _Model:
        """Another model of the same run and split."""
        return _Model(self.run, lineage, self.forget_ratio, seed)

    @cached_property
    def asked(self) -> Asked:
        """Its answers about the people to forget and the holdout people."""
        stem = self.lineage.file_stem(self.forget_ratio, self.seed)
        records = read_records(self.run / RECORDS_FOLDER / records_name(stem))
        records = records[records["eval_set"].isin(_READ)].reset_index(drop=True)
        return Asked(records, question_values(records))


def audit_runs(folders: Sequence[Path], seed: int, progress: Progress, draws: int = DRAWS) -> Audit:
    """Audit every metric on the models of some runs.

    Faithfulness takes the vanilla models as those that know the people to forget, and the retrained ones as
    those that do not, with all that was made of them by further steps. The models of the smallest seed are
    what metrics read others against, and are not told apart themselves. Agreement takes the unlearned models.

    Args:
        folders: of finished runs.
        seed: of the resamples behind the intervals of agreement.
        progress: called with the models read, then with the resamples done, and how many there are.
        draws: how many resamples.

    Raises:
        UserError: if a folder holds no results, or the models are too few for both.
    """
    models = [model for folder in folders for model in _models(folder)]
    seeds = {(m.run, m.forget_ratio): set[int]() for m in models}
    for model in models:
        if model.lineage == RETRAINED_LINEAGE:
            seeds[model.run, model.forget_ratio].add(model.seed)
    first = {key: min(own) for key, own in seeds.items() if own}
    unlearned = [m for m in models if m.lineage.model == UNLEARNED and not m.lineage.further_steps]
    has_pool = any(len(own) > 2 for own in seeds.values())
    ranked = unlearned if len(unlearned) >= _LEAST_METHODS else []
    if not has_pool and not ranked:
        raise UserError(
            f"{', '.join(map(str, folders))}: too few models to audit metrics on; expected at least three "
            f"seeds of vanilla and retrained, or {_LEAST_METHODS} unlearned models"
        )
    pool = []
    pooled = [m for m in models if m.lineage.model != UNLEARNED] if has_pool else []
    shared = {model: model for model in models}
    for number, model in enumerate(pooled):
        reference = first[model.run, model.forget_ratio]
        if model.seed != reference:
            pool.append(_pool_rows(model, reference, shared))
        progress(number + 1, len(pooled))
    table = faithfulness(pd.concat(pool, ignore_index=True)) if has_pool else pd.DataFrame()
    return Audit(table, _agreement(ranked, shared, seed, progress, draws) if ranked else pd.DataFrame())


def write_audit(audit: Audit, out: Path) -> None:
    """Put the tables into a folder; what was there is replaced.

    Raises:
        UserError: if they cannot be written.
    """
    with updated_folder(out) as new:
        for name, table in ((FAITHFULNESS_FILE, audit.faithfulness), (AGREEMENT_FILE, audit.agreement)):
            if len(table):
                table.to_csv(new / name, index=False, float_format="%.4g")


def _models(folder: Path) -> Iterator[_Model]:
    columns = ["model", "method", "unlearn_modality", "further_steps", "forget_ratio", "seed"]
    for row in read_results(folder)[columns].drop_duplicates().itertuples(index=False, name=None):
        *names, ratio, seed = row
        yield _Model(folder, Lineage.of_columns(*names), int(ratio), int(seed))


def _readings(model: _Model, reference: int, shared: dict[_Model, _Model]) -> list[Reading]:
    """What metrics read off a model beside the references of one seed."""
    retrained, vanilla = (
        shared[model.other(lineage, reference)].asked for lineage in (RETRAINED_LINEAGE, VANILLA_LINEAGE)
    )
    return readings(Models(model.asked, retrained, vanilla))


def _pool_rows(model: _Model, reference: int, shared: dict[_Model, _Model]) -> pd.DataFrame:
    start = model.lineage.without_further_steps
    return pool_rows(
        _readings(model, reference, shared),
        start == VANILLA_LINEAGE,
        f"{model.group} {start.model}",
        model.lineage.further_steps,
    )


def _agreement(
    models: Sequence[_Model], shared: dict[_Model, _Model], seed: int, progress: Progress, draws: int
) -> pd.DataFrame:
    names = {model: f"{model.group} {model.lineage.file_stem(0, 0)}" for model in models}
    records = pd.concat([model.asked.records for model in models])
    people = sorted(set(records.loc[records["eval_set"] == EvaluationSet.FORGET.value, "profile_id"]))
    return agreement(
        {names[model]: _readings(model, model.seed, shared) for model in models},
        {names[model]: model.group for model in models},
        people,
        seed,
        draws,
        progress,
    )
