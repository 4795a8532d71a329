"""The stages that ask a model and score its answers, each with everything that can change its result."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch

from mllmu.evaluation import (
    METRICS,
    SET_METRICS,
    Item,
    Protocol,
    ReferenceAnswers,
    WithoutLetters,
    ask,
    asked_in,
    get_extras,
    get_protocol,
    missing_likelihoods_warning,
    precision_name,
    read_records,
    records_of_split,
    score_model,
    write_records,
)
from mllmu.evaluation.recorded_extras import ATTACKED_SETS
from mllmu.inference import TransformersEngine
from mllmu.progress import Progress
from mllmu.report.run_folder import PERSON_SCORES_FILE
from mllmu.source_digest import plugin_digest, source_digest
from mllmu.study.pipeline.execution.stage_store import Made, Stage, Workplace
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.stages.model_family import model_folder, model_identity
from mllmu.study.pipeline.tables.parquet_table import write_table

_LOG = logging.getLogger(__name__)
ASKING, SCORING = "asking", "scoring"
RECORDS_FILE = "records.parquet"
SCORES_FILE = "scores.parquet"
_PROTOCOLS = "mllmu.evaluation.protocols"
_METRICS, _SET_METRICS = "mllmu.evaluation.metrics", "mllmu.evaluation.set_metrics"
_SCORED_BY = (
    _METRICS,
    _SET_METRICS,
    "mllmu.evaluation.metric_registry",
    "mllmu.evaluation.set_metric_registry",
    "mllmu.evaluation.scoring",
)


def asking_stage(
    title: str, opened: OpenedRecipe, model: Made, items: Sequence[Item], letters: bool = True
) -> Stage:
    """Ask one model questions and keep everything it answers.

    Args:
        title: for the person who waits.
        opened: the recipe.
        model: whom to ask.
        items: what to ask.
        letters: whether letters are asked for where the option texts are scored.
    """
    family, protocol = opened.family, get_protocol(opened.recipe.protocol)
    record = get_extras(opened.recipe.evaluation.record)
    dtype = asked_in(opened.recipe.evaluation.precision, torch.device(family.device))

    def make(workplace: Workplace, progress: Progress) -> Mapping[str, Any]:
        loaded = family.load(model_folder(model.folder), dtype)
        questioner = protocol if letters else WithoutLetters(protocol)
        records = ask(TransformersEngine(loaded), items, questioner, progress, record)
        write_records(records, workplace.folder / RECORDS_FILE)
        if warning := missing_likelihoods_warning(records):
            _LOG.warning("%s: %s", title, warning)
        return {"questions": len(records)}

    ingredients = {
        "benchmark": opened.benchmark.fingerprint,
        "family": family.fingerprint,
        "model": model_identity(model),
        "device": family.device,
        "precision": precision_name(dtype),
        **what_is_asked(protocol, items),
        # Left out where it is as usual: answers of runs that ask for nothing special are the same as ever.
        **({"record": sorted(record), "recorded_of": _digest(_recorded_of(items))} if record else {}),
        **({} if letters else {"letters": letters}),
    }
    return Stage(ASKING, title, asking_code(protocol), ingredients, make)


def what_is_asked(protocol: Protocol, items: Sequence[Item]) -> dict[str, str]:
    """The ingredients of whatever asks some questions."""
    return {
        "items": _digest([_description(item) for item in items]),
        "protocol": protocol.name,
        # What tells two objects of one class apart.
        "protocol_settings": str(vars(protocol)),
    }


def asking_code(protocol: Protocol) -> str:
    """The source of whatever asks questions."""
    asks = ("mllmu.benchmark", "mllmu.models", "mllmu.inference", "mllmu.evaluation", __name__)
    # A view counts by the images it shows, which belong to the items.
    later = ("mllmu.evaluation.depth", "mllmu.evaluation.recoverability", "mllmu.evaluation.audit")
    no_asking = (_PROTOCOLS, "mllmu.evaluation.views", *later)
    code = source_digest(*asks, without=(*_SCORED_BY, *no_asking))
    return f"{code} {plugin_digest(protocol, _PROTOCOLS)}"


def scoring_stage(
    title: str, asked: Made, items: Sequence[Item], seed: int, reference: Made, vanilla: Made
) -> Stage:
    """Assign one model's records to the sets of one split, and score them.

    Args:
        title: for the person who waits.
        asked: the asking of the model.
        items: of the split.
        seed: of the bootstrap.
        reference: the asking of the model that was retrained for the same split and seed.
        vanilla: the asking of the model before unlearning, of the same seed.
    """
    split = _digest([f"{item.eval_set.value} {item.key}" for item in items])

    def answers_of(made: Made) -> ReferenceAnswers:
        return _answers(_Split(made.folder, split, items))

    def make(workplace: Workplace, progress: Progress) -> Mapping[str, Any]:
        records = records_of_split(read_records(asked.folder / RECORDS_FILE), items)
        write_records(records, workplace.folder / RECORDS_FILE)
        scored = score_model(records, seed, answers_of(reference), answers_of(vanilla))
        write_table(scored.scores, workplace.folder / SCORES_FILE)
        write_table(scored.person_scores, workplace.folder / PERSON_SCORES_FILE)
        return {"scores": len(scored.scores)}

    ingredients = {
        "asking": asked.hash,
        "reference": reference.hash,
        "vanilla": vanilla.hash,
        "items": split,
        "seed": seed,
    }
    return Stage(SCORING, title, scoring_code(), ingredients, make)


@dataclass(frozen=True)
class _Split:
    """One model's records of one split: the folder of its asking, a digest of the items, and these."""

    folder: Path
    digest: str
    items: Sequence[Item] = field(compare=False)


# All models of a split are read against the same two, whose metrics take as long as a model's own.
@lru_cache(maxsize=2)
def _answers(split: _Split) -> ReferenceAnswers:
    return ReferenceAnswers(records_of_split(read_records(split.folder / RECORDS_FILE), split.items))


def scoring_code() -> str:
    """The source of whatever turns records into scores."""
    own = source_digest(*_SCORED_BY, "mllmu.evaluation.records", "mllmu.evaluation.view", __name__)
    functions: list[Callable[..., Any]] = [metric.compute for metric in METRICS.all()]
    functions += [
        one for metric in SET_METRICS.all() for one in (metric.samples, metric.statistic, metric.applies)
    ]
    foreign = [plugin_digest(one, _METRICS) for one in functions if not one.__module__.startswith("mllmu.")]
    return _digest([own, " ".join([*METRICS.names(), *SET_METRICS.names()]), *foreign])[:16]


def _description(item: Item) -> str:
    """Everything about an item that can change its record."""
    demonstrations = [(one.question, one.image_digest) for one in item.demonstrations]
    return f"{item.key} {item.question} {demonstrations}"


def _recorded_of(items: Sequence[Item]) -> list[str]:
    """Of whose answers more is recorded, which their sets decide."""
    return [str(item.key) for item in items if item.eval_set in ATTACKED_SETS]


def _digest(lines: Sequence[str]) -> str:
    return sha256("\n".join(lines).encode()).hexdigest()
