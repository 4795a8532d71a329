"""Auditing the metrics on the models of finished runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import pandas as pd

from mllmu.benchmark.types import EvaluationSet
from mllmu.errors import UserError
from mllmu.evaluation import Models, question_values, read_records
from mllmu.evaluation.audit.faithfulness import faithfulness, pool_rows
from mllmu.evaluation.audit.metric_agreement import DRAWS, agreement
from mllmu.evaluation.audit.readings import Reading, readings
from mllmu.evaluation.set_metrics.set_metric import Asked
from mllmu.files import updated_folder, writing_to
from mllmu.progress import Progress
from mllmu.report import read_results
from mllmu.report.run_folder import RECORDS_FOLDER, records_name
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, UNLEARNED, VANILLA_LINEAGE, Lineage

FAITHFULNESS_FILE, AGREEMENT_FILE = "faithfulness.csv", "agreement.csv"
_READ = (EvaluationSet.FORGET.value, EvaluationSet.HOLDOUT.value)
_SAID = ["question_id", "view", "response", "answer_log_probs"]
_LEAST_METHODS, _LEAST_SEEDS = 3, 3


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

    @cached_property
    def identity(self) -> str:
        """What two models share that are one: all they said of holdout people, who are in every split.

        Without holdout people it is the run: vanilla's under every ratio, and else one for each.
        """
        records = self.asked.records
        said = records.loc[records["eval_set"] == EvaluationSet.HOLDOUT.value, _SAID]
        if said.empty:
            return f"{self.run} {self.seed}" if self.lineage == VANILLA_LINEAGE else self.group
        lines = sorted(map(repr, said.itertuples(index=False, name=None)))
        return sha256("\n".join(lines).encode()).hexdigest()

    def other(self, lineage: Lineage, seed: int) -> _Model:
        """Another model of the same run and split."""
        return _Model(self.run, lineage, self.forget_ratio, seed)

    @cached_property
    def asked(self) -> Asked:
        """Its answers about the people to forget and the holdout people."""
        stem = self.lineage.file_stem(self.forget_ratio, self.seed)
        records = read_records(self.run / RECORDS_FOLDER / records_name(stem))
        # Whether an answer names a value depends on whose other values there are, so all are looked at.
        values = question_values(records)
        is_read, is_of_read = (table["eval_set"].isin(_READ) for table in (records, values))
        return Asked(records[is_read].reset_index(drop=True), values[is_of_read].reset_index(drop=True))


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
        UserError: if a folder holds no results or is named twice, a model lacks those it is read against, or
            the models are too few for both.
    """
    names = [folder.resolve() for folder in folders]
    if twice := [str(folder) for folder, name in zip(folders, names, strict=True) if names.count(name) > 1]:
        raise UserError(f"{' and '.join(twice)}: one folder, named twice; expected every run once")
    models = [model for folder in folders for model in _models(folder)]
    first = _first_seeds(models)
    of_group = Counter(m.group for m in models if _is_ranked(m))
    ranked = [m for m in models if _is_ranked(m) and of_group[m.group] >= _LEAST_METHODS]
    pooled = [m for m in models if m.lineage.model != UNLEARNED and (m.run, m.forget_ratio) in first]
    if not pooled and not ranked:
        raise UserError(
            f"{', '.join(map(str, folders))}: too few models to audit metrics on; expected at least three "
            f"seeds of vanilla and retrained, or {_LEAST_METHODS} models unlearned from one"
        )
    pool = []
    shared = {model: model for model in models}
    for model in ranked:
        _require_references(model, shared)
    for number, model in enumerate(pooled):
        reference = first[model.run, model.forget_ratio]
        if model.seed != reference:
            pool.append(_pool_rows(model, reference, shared))
        progress(number + 1, len(pooled))
    told_apart = faithfulness(pd.concat(pool, ignore_index=True)) if pool else pd.DataFrame()
    agreeing = _agreement(ranked, shared, seed, progress, draws) if ranked else pd.DataFrame()
    runs = " ".join(map(str, names))
    return Audit(told_apart.assign(runs=runs), agreeing.assign(runs=runs, draws=draws, seed=seed))


def _is_ranked(model: _Model) -> bool:
    return model.lineage.model == UNLEARNED and not model.lineage.further_steps


def _first_seeds(models: Iterable[_Model]) -> dict[tuple[Path, int], int]:
    """The smallest seed of each run and ratio that has two more of both vanilla and retrained."""
    of_both = (VANILLA_LINEAGE, RETRAINED_LINEAGE)
    seeds: dict[tuple[Path, int], dict[Lineage, set[int]]] = {}
    for model in models:
        if model.lineage in of_both:
            own = seeds.setdefault((model.run, model.forget_ratio), {one: set() for one in of_both})
            own[model.lineage].add(model.seed)
    common = {key: set.intersection(*own.values()) for key, own in seeds.items()}
    return {key: min(own) for key, own in common.items() if len(own) >= _LEAST_SEEDS}


def _require_references(model: _Model, shared: Mapping[_Model, _Model]) -> None:
    for lineage in (RETRAINED_LINEAGE, VANILLA_LINEAGE):
        if model.other(lineage, model.seed) not in shared:
            raise UserError(
                f"{model.run} has no {lineage.model} model of seed {model.seed} for {model.forget_ratio} %, "
                f"which {model.lineage.file_stem(model.forget_ratio, model.seed)} is read against; "
                "expected one"
            )


def write_audit(audit: Audit, out: Path) -> None:
    """Put the tables into a folder; those of an earlier audit are replaced, or go where there is none now.

    Raises:
        UserError: if they cannot be written.
    """
    tables = {FAITHFULNESS_FILE: audit.faithfulness, AGREEMENT_FILE: audit.agreement}
    with updated_folder(out) as new:
        for name, table in tables.items():
            if len(table):
                table.to_csv(new / name, index=False, float_format="%.4g")
    with writing_to(out):
        for name, table in tables.items():
            if not len(table):
                (out / name).unlink(missing_ok=True)


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
    undisturbed = shared.get(model.other(start, model.seed), model)
    return pool_rows(
        _readings(model, reference, shared),
        start == VANILLA_LINEAGE,
        f"{undisturbed.identity} {start.model}",
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
