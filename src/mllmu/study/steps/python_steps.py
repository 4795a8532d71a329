"""The steps of an experiment one by one, on what is in memory: train, unlearn, evaluate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from mllmu import unlearning
from mllmu.benchmark import Benchmark
from mllmu.errors import UserError
from mllmu.evaluation import Item, ask, get_extras, get_protocol, score_model, under_views
from mllmu.evaluation.questions.sampled_questions import limited_items
from mllmu.inference import Engine, TransformersEngine
from mllmu.models import LoadedModel
from mllmu.progress import Progress
from mllmu.study.pipeline.benchmark_source import choose_split
from mllmu.study.pipeline.stages.celebrity_replay import replay_of
from mllmu.training import (
    TrainingModality,
    TrainingSettings,
    Upkeep,
    fine_tune,
    retain_samples,
    training_samples,
)

Audience = Literal["everyone", "retain"]


@dataclass(frozen=True)
class Evaluation:
    """What a model answered, and how it scored.

    Attributes:
        records: one row per question.
        scores: one row per set, modality, task and metric, with 95 % intervals.
        person_scores: every metric that is a mean, person by person.
        values: every metric of every question, of which both were made.
    """

    records: pd.DataFrame
    scores: pd.DataFrame
    person_scores: pd.DataFrame
    values: pd.DataFrame


def train(
    loaded: LoadedModel,
    benchmark: Benchmark,
    on: Audience = "everyone",
    forget: int | None = None,
    settings: TrainingSettings | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    attributes: Sequence[str] = (),
    upkeep: Upkeep | None = None,
) -> LoadedModel:
    """Fine-tune a model, in place, on a benchmark's fictitious people, with faces and by name.

    Args:
        loaded: the base model.
        benchmark: where the people are.
        on: "everyone" makes ``vanilla``, "retain" makes ``retrained``.
        forget: per cent of the people that "retain" leaves out.
        settings: how to train; the original benchmark's by default.
        seed: fixes everything random.
        progress: called with the steps done and the steps there are.
        attributes: what of the people to forget "retain" leaves out; everything where there are none.
        upkeep: what is kept on the way; nothing by default.

    Raises:
        UserError: if "retain" comes without a forget ratio, attributes come without "retain" or do not fit,
            or the training fails.

    Example:
        ::

            vanilla = train(load_model("tiny"), people, settings=make_recipe("quick").fine_tuning)
            retrained = train(load_model("tiny"), people, on="retain", forget=10)
    """
    check_audience(on, forget, attributes)
    if on == "everyone" or forget is None:
        samples = training_samples(benchmark, benchmark.profiles, "both")
    else:
        samples = retain_samples(benchmark, choose_split(benchmark, forget, None, attributes), "both")
    settings = settings or TrainingSettings()
    return fine_tune(loaded, samples, settings, seed, progress, replay_of(settings, seed), upkeep)


def check_audience(on: Audience, forget: int | None, attributes: Sequence[str] = ()) -> None:
    """Refuse to leave people out without knowing how many, and to leave out nothing of what is named.

    Raises:
        UserError: "retain" comes without a forget ratio, or a ratio or attributes come without "retain".
    """
    if on == "everyone" and attributes:
        raise UserError(
            f"training on everyone leaves out nothing, {attributes[0]!r} neither; expected training on retain"
        )
    if on == "everyone" and forget is not None:
        raise UserError(
            f"training on everyone leaves out nobody, nor {forget} per cent; expected training on retain"
        )
    if on == "retain" and forget is None:
        raise UserError("training on retain needs a forget ratio in per cent, which says whom to leave out")


def unlearn(
    method: str,
    loaded: LoadedModel,
    benchmark: Benchmark,
    forget: int,
    modality: TrainingModality = "both",
    settings: Mapping[str, Any] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    attributes: Sequence[str] = (),
    upkeep: Upkeep | None = None,
) -> LoadedModel:
    """Make a fine-tuned model forget a benchmark's forget people.

    Args:
        method: see ``mllmu list methods``.
        loaded: the ``vanilla`` model; its weights may change.
        benchmark: where the people are.
        forget: per cent of the people to forget.
        modality: whether faces, names, or both are unlearned.
        settings: the method's settings that differ from its defaults.
        seed: fixes everything random.
        progress: called with the steps done and the steps there are.
        attributes: what of these people to forget; everything where there are none.
        upkeep: what is kept on the way; nothing by default.

    Raises:
        UserError: if the method or a setting does not exist, or so many, or these attributes, cannot be
            forgotten.

    Example:
        ::

            forgetful = unlearn("npo", vanilla, people, forget=10, settings={"beta": 0.4})
    """
    split = choose_split(benchmark, forget, None, attributes)
    return unlearning.unlearn(
        method, loaded, benchmark, split, modality, settings or {}, seed, progress, upkeep=upkeep
    )


def evaluate(
    model: LoadedModel | Engine,
    benchmark: Benchmark,
    forget: int,
    protocol: str = "strict",
    demonstrators: str = "",
    seed: int = 0,
    progress: Progress | None = None,
    views: Sequence[str] = (),
    reference: pd.DataFrame | None = None,
    vanilla: pd.DataFrame | None = None,
    record: Sequence[str] = (),
    limit: int | None = None,
    attributes: Sequence[str] = (),
) -> Evaluation:
    """Ask a model everything the benchmark asks under one forget ratio, and score its answers.

    Args:
        model: the model, or an engine that asks it.
        benchmark: where the questions are.
        forget: per cent of the people that count as forgotten.
        protocol: how questions are put.
        demonstrators: who answers questions first, in the protocol's own words; see docs/protocols.md.
        seed: of the bootstrap behind the intervals, and of what the protocol draws.
        progress: called with the questions answered and the questions there are.
        views: further ways of showing people; see ``mllmu list views``.
        reference: records of the retrained model, asked the same; see `score`.
        vanilla: records of the model before unlearning, asked the same; see `score`.
        record: what else to record of reference answers: ``token_moments``, ``gradient_norms``.
        limit: at most how many questions of each set, modality and task are asked, drawn by ``seed``; all if
            None. References have to be asked with the same limit and seed.
        attributes: what of the people counts as forgotten; everything where there are none. Their other facts
            are a set of their own, ``same_person``.

    Raises:
        UserError: if the protocol or a view does not exist, the demonstrators do not fit, the benchmark's
            questions cannot be asked, or something is to be recorded that there is not or cannot be had.

    Example:
        ::

            reference = evaluate(retrained, people, forget=10).records
            scores = evaluate(forgetful, people, forget=10, reference=reference).scores
    """
    items = items_to_ask(benchmark, forget, protocol, demonstrators, seed, views, limit, attributes)
    engine = TransformersEngine(model) if isinstance(model, LoadedModel) else model
    return ask_and_score(engine, items, protocol, seed, reference, vanilla, progress, record)


def items_to_ask(
    benchmark: Benchmark,
    forget: int,
    protocol: str,
    demonstrators: str,
    seed: int,
    views: Sequence[str],
    limit: int | None = None,
    attributes: Sequence[str] = (),
) -> list[Item]:
    """What `evaluate` asks; arguments and errors as there."""
    split = choose_split(benchmark, forget, None, attributes)
    items = get_protocol(protocol).items(benchmark, [split], demonstrators, seed)[split.forget_ratio]
    return limited_items(under_views(items, views, benchmark), limit, seed)


def ask_and_score(
    engine: Engine,
    items: Sequence[Item],
    protocol: str,
    seed: int = 0,
    reference: pd.DataFrame | None = None,
    vanilla: pd.DataFrame | None = None,
    progress: Progress | None = None,
    record: Sequence[str] = (),
) -> Evaluation:
    """Ask items and score the answers; arguments as of `evaluate`."""
    records = ask(engine, items, get_protocol(protocol), progress, get_extras(record))
    scored = score_model(records, seed, reference, vanilla)
    return Evaluation(records, scored.scores, scored.person_scores, scored.values)
