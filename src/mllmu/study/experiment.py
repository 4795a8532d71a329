"""A whole experiment: from a recipe to the scores of every model it compares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mllmu.benchmark import Benchmark, Split
from mllmu.evaluation import Item, get_protocol
from mllmu.study.benchmarks import SYNTHETIC, choose_split, open_benchmark
from mllmu.study.executor import Executor
from mllmu.study.family import ModelFamily
from mllmu.study.questions import distinct_items
from mllmu.study.recipe import Recipe, check_rehearsal
from mllmu.study.stages import (
    UnlearningOrder,
    asking_stage,
    fine_tuning_stage,
    scoring_stage,
    unlearning_stage,
)
from mllmu.study.store import Made, Stage
from mllmu.study.subject import RETRAINED, UNLEARNED, VANILLA, Subject


@dataclass(frozen=True)
class Candidate:
    """A model that exists, and one forget ratio it is judged under."""

    subject: Subject
    split: Split
    made: Made

    @property
    def fingerprint(self) -> str:
        """Tells the model from all that may answer differently."""
        return str(self.made.facts["fingerprint"])


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
    check_rehearsal(recipe.model, recipe.fine_tuning)
    executor.expect(count_stages(recipe))
    benchmark = open_benchmark(recipe.benchmark, recipe.synthetic, executor)
    splits = {ratio: choose_split(benchmark, ratio, recipe.split_seed) for ratio in recipe.forget_ratios}
    # Before anything is trained: a mistake in who demonstrates should not cost hours.
    items = get_protocol(recipe.protocol).items(
        benchmark, tuple(splits.values()), recipe.demonstrators, recipe.evaluation.seed
    )
    experiment = _Experiment(recipe, executor, benchmark, splits, items, ModelFamily(recipe.model, device))
    return Outcome(benchmark, splits, experiment.judge(experiment.train()))


def count_stages(recipe: Recipe) -> int:
    """How many stages `carry_out` has at most; fewer if some models turn out to be equal."""
    vanilla_again = len(recipe.seeds) * (len(recipe.forget_ratios) - 1)
    people = int(recipe.benchmark == SYNTHETIC)
    return people + 3 * count_models(recipe) + vanilla_again


def count_models(recipe: Recipe) -> int:
    """How many models are made."""
    per_ratio = 1 + len(recipe.methods) * len(recipe.modalities)
    return len(recipe.seeds) * (1 + len(recipe.forget_ratios) * per_ratio)


@dataclass(frozen=True)
class _Experiment:
    """A recipe with everything it names opened."""

    recipe: Recipe
    executor: Executor
    benchmark: Benchmark
    splits: Mapping[int, Split]
    items: Mapping[int, Sequence[Item]]
    family: ModelFamily

    def train(self) -> list[Candidate]:
        """Every model of the study, once for every ratio it is judged under."""
        candidates = []
        for seed in self.recipe.seeds:
            vanilla = self._fine_tune(
                f"fine-tune vanilla (seed {seed})", tuple(self.benchmark.profiles), seed
            )
            for split in self.splits.values():
                title = f"retrain without {split.forget_ratio} % (seed {seed})"
                retrained = self._fine_tune(title, split.retain, seed)
                candidates.append(Candidate(Subject(VANILLA, seed), split, vanilla))
                candidates.append(Candidate(Subject(RETRAINED, seed), split, retrained))
                candidates += self._unlearn(vanilla, split, seed)
        return candidates

    def _fine_tune(self, title: str, profile_ids: Sequence[str], seed: int) -> Made:
        settings = self.recipe.fine_tuning
        stage = fine_tuning_stage(title, self.family, self.benchmark, profile_ids, settings, seed)
        return self.executor.do(stage)

    def _unlearn(self, vanilla: Made, split: Split, seed: int) -> Iterator[Candidate]:
        for method, settings in self.recipe.methods.items():
            for modality in self.recipe.modalities:
                order = UnlearningOrder(method, modality, settings, seed)
                stage = unlearning_stage(self.family, vanilla, self.benchmark, split, order)
                subject = Subject(UNLEARNED, seed, method, modality)
                yield Candidate(subject, split, self.executor.do(stage))

    def judge(self, candidates: Sequence[Candidate]) -> list[Judged]:
        """Ask every distinct model once, and score it under each of its ratios."""
        # Equal fingerprints mean equal answers: vanilla serves all ratios, and so does a prompt-only method.
        items_of: dict[str, dict[int, Sequence[Item]]] = {}
        for each in candidates:
            ratio = each.split.forget_ratio
            items_of.setdefault(each.fingerprint, {})[ratio] = self.items[ratio]
        self.executor.expect(len(items_of) - count_models(self.recipe))
        asked: dict[str, tuple[Stage, Made]] = {}
        judged = []
        for each in candidates:
            ratio = each.split.forget_ratio
            name = each.subject.file_name(ratio)
            if each.fingerprint not in asked:
                items = distinct_items(items_of[each.fingerprint].values())
                protocol = self.recipe.protocol
                stage = asking_stage(f"ask {name}", self.family, each.made, self.benchmark, items, protocol)
                asked[each.fingerprint] = (stage, self.executor.do(stage))
            seed = self.recipe.evaluation.seed
            scoring = scoring_stage(f"score {name}", *asked[each.fingerprint], self.items[ratio], seed)
            judged.append(Judged(each.subject, ratio, self.executor.do(scoring)))
        return judged
