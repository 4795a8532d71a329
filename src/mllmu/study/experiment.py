"""A whole experiment: from a recipe to the scores of every model it compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mllmu.benchmark import Benchmark, Split
from mllmu.study.benchmarks import choose_split, open_benchmark
from mllmu.study.executor import Executor
from mllmu.study.family import ModelFamily
from mllmu.study.questions import distinct_items, items_of
from mllmu.study.recipe import Recipe
from mllmu.study.stages import asking_stage, fine_tuning_stage, scoring_stage, unlearning_stage
from mllmu.study.store import Made, Stage
from mllmu.study.subject import RETRAINED, UNLEARNED, VANILLA, Subject


@dataclass(frozen=True)
class Candidate:
    """A model that exists, and one forget ratio it is judged under."""

    subject: Subject
    split: Split
    made: Made


@dataclass(frozen=True)
class Judged:
    """A candidate's records and scores.

    Attributes:
        subject: whose they are.
        forget_ratio: under which split, in per cent.
        made: the scoring stage's result.
    """

    subject: Subject
    forget_ratio: int
    made: Made


@dataclass(frozen=True)
class Outcome:
    """What an experiment found, before it is written out.

    Attributes:
        benchmark: the people.
        splits: who was forgotten, by forget ratio.
        judged: every model under every ratio it belongs to.
    """

    benchmark: Benchmark
    splits: Mapping[int, Split]
    judged: Sequence[Judged]


def carry_out(recipe: Recipe, executor: Executor, device: str) -> Outcome:
    """Do everything a recipe asks for that is not done yet.

    Raises:
        UserError: if the benchmark, the model or a setting is at fault, or the disk is full.
    """
    benchmark = open_benchmark(recipe.benchmark, recipe.synthetic, executor)
    splits = {ratio: choose_split(benchmark, ratio, recipe.split_seed) for ratio in recipe.forget_ratios}
    family = ModelFamily(recipe.model, device)
    candidates: list[Candidate] = []
    executor.expect(_count_models(recipe))
    for seed in recipe.seeds:
        candidates += _train_references(recipe, executor, family, benchmark, splits, seed)
        vanilla = candidates[-1].made
        candidates += _unlearn(recipe, executor, family, benchmark, splits, vanilla, seed)
    judged = _judge(recipe, executor, family, benchmark, candidates)
    return Outcome(benchmark, splits, judged)


def _count_models(recipe: Recipe) -> int:
    per_ratio = 1 + len(recipe.methods) * len(recipe.modalities)
    return len(recipe.seeds) * (1 + len(recipe.forget_ratios) * per_ratio)


def _train_references(
    recipe: Recipe,
    executor: Executor,
    family: ModelFamily,
    benchmark: Benchmark,
    splits: Mapping[int, Split],
    seed: int,
) -> list[Candidate]:
    """The retrained models, then vanilla once for every ratio it is judged under."""

    def train(title: str, profile_ids: Sequence[str]) -> Made:
        stage = fine_tuning_stage(title, family, benchmark, profile_ids, recipe.fine_tuning, seed)
        return executor.do(stage)

    vanilla = train(f"fine-tune vanilla (seed {seed})", tuple(benchmark.profiles))
    retrained = [
        Candidate(
            Subject(RETRAINED, seed),
            split,
            train(f"retrain without {split.forget_ratio} % (seed {seed})", split.retain),
        )
        for split in splits.values()
    ]
    return retrained + [Candidate(Subject(VANILLA, seed), split, vanilla) for split in splits.values()]


def _unlearn(
    recipe: Recipe,
    executor: Executor,
    family: ModelFamily,
    benchmark: Benchmark,
    splits: Mapping[int, Split],
    vanilla: Made,
    seed: int,
) -> list[Candidate]:
    candidates = []
    for split in splits.values():
        for method, settings in recipe.methods.items():
            for modality in recipe.modalities:
                title = f"unlearn {split.forget_ratio} % with {method} on {modality} (seed {seed})"
                stage = unlearning_stage(
                    title, family, vanilla, benchmark, split, method, modality, settings, seed
                )
                made = executor.do(stage)
                candidates.append(Candidate(Subject(UNLEARNED, seed, method, modality), split, made))
    return candidates


def _judge(
    recipe: Recipe,
    executor: Executor,
    family: ModelFamily,
    benchmark: Benchmark,
    candidates: Sequence[Candidate],
) -> list[Judged]:
    """Ask every distinct model once, and score it under each of its ratios."""
    # Equal fingerprints mean equal answers: vanilla serves all ratios, and so does a prompt-only method.
    splits_of: dict[str, dict[int, Split]] = {}
    for each in candidates:
        splits_of.setdefault(each.made.facts["fingerprint"], {})[each.split.forget_ratio] = each.split
    executor.expect(len(splits_of) + len(candidates))
    asked: dict[str, tuple[Stage, Made]] = {}
    judged = []
    for each in candidates:
        fingerprint, ratio = each.made.facts["fingerprint"], each.split.forget_ratio
        name = each.subject.file_name(ratio)
        if fingerprint not in asked:
            items = distinct_items(benchmark, splits_of[fingerprint].values())
            stage = asking_stage(f"ask {name}", family, each.made, benchmark, items, recipe.protocol)
            asked[fingerprint] = (stage, executor.do(stage))
        scoring = scoring_stage(
            f"score {name}", *asked[fingerprint], items_of(benchmark, each.split), recipe.evaluation.seed
        )
        judged.append(Judged(each.subject, ratio, executor.do(scoring)))
    return judged
