"""How much memory the stages of a recipe take, and whether that is there, before anything is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import Any

import psutil
import torch

from mllmu.benchmark import Benchmark
from mllmu.errors import UserError
from mllmu.evaluation import asked_in
from mllmu.memory_sizes import free_gpu_memory, size_in_words
from mllmu.models import LoadedModel, device_of, usual_dtype
from mllmu.models.weightless import weightless_model
from mllmu.processes import process_count
from mllmu.study.pipeline.forecast.question_size import longest_question, questions_of_each
from mllmu.study.pipeline.plan import PlannedModel, plan_models
from mllmu.study.recipe.recipe_settings import Recipe
from mllmu.training import LoraSettings, OptimizationSettings
from mllmu.training.memory_estimate import (
    HeldWeights,
    MemoryNeed,
    QuestionSize,
    loaded_need,
    trained_precision,
    training_need,
)
from mllmu.unlearning import UnlearningSettings
from mllmu.unlearning.lineage import TEACH, UNLEARN
from mllmu.unlearning.method_registry import make_further_step, make_method
from mllmu.unlearning.need import Frozen, halves_of
from mllmu.unlearning.trained_method import TrainedMethod

_FLOAT32 = 4


@dataclass(frozen=True)
class _Work:
    """What making a model does.

    Attributes:
        settings: of its last step.
        halves: how many batches a step of the training sees at once.
        stored: bytes of predictions that are stored before it.
        held: what else is held.
    """

    settings: Any
    halves: int = 1
    stored: float = 0.0
    held: HeldWeights | None = None


@dataclass(frozen=True)
class MemoryForecast:
    """What each stage of a recipe holds at its peak.

    Attributes:
        recipe: what is to be done.
        device: as the user said it.
        benchmark: whom it is about; None if these people are still to be made.
    """

    recipe: Recipe
    device: str
    benchmark: Benchmark | None

    def of_model(self, planned: PlannedModel) -> MemoryNeed:
        """What making a model takes: its training, or no more than the model where nothing is trained."""
        return self._need(self._work(planned))

    def of_asking(self) -> MemoryNeed:
        """What asking and scoring take at least; batches are made as large as what is free then allows."""
        dtype = asked_in(self.recipe.evaluation.precision, self._where)
        return loaded_need(self._model, dtype)

    def precision_of(self, planned: PlannedModel) -> str:
        """In which number formats a model is trained, in words; empty where nothing is trained."""
        settings = self._work(planned).settings
        is_trained = isinstance(settings, OptimizationSettings)
        return trained_precision(settings, self._where) if is_trained else ""

    def require(self, workers: int = 1) -> None:
        """Refuse what cannot fit.

        Args:
            workers: how many processes make stages on a GPU at once; on a CPU they are checked by what was
                measured (`check_memory`).

        Raises:
            UserError: naming the first stage that needs more than is free, and settings with which it fits.
        """
        checked: set[str] = set()
        for planned in plan_models(self.recipe):
            work = self._work(planned)
            # Stages of the same settings need the same.
            if (same := repr((type(work.settings), work))) in checked:
                continue
            checked.add(same)
            need = self._need(work)
            if not self._fits(need):
                raise UserError(
                    f"To {planned.title} takes about {self._told(need)}, and {self._free_told}; expected "
                    f"{self._advice(planned, work.settings)}."
                )
            self._require_workers(need, workers, planned.title)
        asking = self.of_asking()
        if not self._fits(asking):
            raise UserError(
                f"To ask a model takes about {self._told(asking)}, and {self._free_told}; expected "
                "evaluation.precision: bfloat16 if it is not, or a smaller model or more memory."
            )
        self._require_workers(asking, workers, "ask a model")

    def _require_workers(self, need: MemoryNeed, workers: int, doing: str) -> None:
        """Refuse more workers than fit on a GPU at once."""
        if self._where.type == "cpu" or self._fits(need, workers):
            return
        fitting = max(count for count in range(1, workers) if self._fits(need, count))
        raise UserError(
            f"To {doing} takes each of {workers} workers about {self._told(need)}, and {self._free_told}; "
            f"expected at most {fitting} of them."
        )

    def _advice(self, planned: PlannedModel, settings: Any) -> str:
        """Settings of the training with which it fits, as few other ones as possible."""
        if isinstance(settings, OptimizationSettings):
            for changes in _changes(settings, self._where):
                try:
                    changed = self._work(planned, changes)
                except UserError:  # this one cannot be trained so
                    continue
                if self._fits(whole := self._need(changed)):
                    names = ", ".join(f"{name}: {_as_yaml(value)}" for name, value in changes.items())
                    return f"{names}, with which it takes about {self._told(whole)}"
        return "a smaller model or more memory, because no settings that save memory make it fit"

    def _need(self, work: _Work) -> MemoryNeed:
        settings = work.settings
        if not isinstance(settings, OptimizationSettings):
            return loaded_need(self._model, usual_dtype(self._where))
        if self._outline.encoder.has_cross_attention:  # behind which nothing is packed
            settings = settings.model_copy(update={"questions_per_image": 1})
        need = training_need(self._model, settings, self._question, self._where, work.halves, work.held)
        return replace(need, beside=need.beside + work.stored + self._portraits)

    def _work(self, planned: PlannedModel, changes: Mapping[str, Any] | None = None) -> _Work:
        """What a model's last step does, with some other settings."""
        kind, given = planned.step.kind, {**planned.settings, **(changes or {})}
        if kind == TEACH:
            return _Work(self.recipe.fine_tuning.model_copy(update=dict(changes or {})))
        if kind != UNLEARN:
            step = make_further_step(kind, given)
            return _Work(step.settings, held=step.holds(self._outline))
        method = make_method(planned.step.variant, given)
        held = method.holds(self._outline)
        if not isinstance(method, TrainedMethod):
            return _Work(method.settings, 2, held=held)
        needs, settings = method.needs(), method.settings
        halves = len(halves_of(needs)) + int(settings.decouple > 0)
        whole = sum(need.frozen is Frozen.DISTRIBUTIONS for need in needs)
        stored = whole * self._distributions(settings, planned.forget_ratio or 0)
        return _Work(settings, halves, stored, held)

    def _distributions(self, settings: UnlearningSettings, forget_ratio: int) -> float:
        """Bytes of what a frozen model predicts at the answers of a half, over the whole vocabulary."""
        people = len(self.benchmark.profiles) if self.benchmark else self.recipe.synthetic.profiles
        forgotten = people * forget_ratio / 100 * questions_of_each(self.benchmark)
        config: Any = self._model.config
        rows = min(settings.passes * forgotten, people * questions_of_each(self.benchmark))
        return rows * self._question.answer * config.get_text_config().vocab_size * _FLOAT32

    @property
    def _portraits(self) -> float:
        """Bytes of everybody's preprocessed portraits, which a training keeps."""
        made, given = self.recipe.synthetic, self.benchmark
        people = len(given.profiles) + len(given.celebrities) if given else made.profiles + made.celebrities
        return float(people * self._question.pixels)

    @cached_property
    def _outline(self) -> LoadedModel:
        return weightless_model(self.recipe.model)

    @property
    def _model(self) -> Any:
        return self._outline.model

    @cached_property
    def _question(self) -> QuestionSize:
        return longest_question(self._outline, self.benchmark, self.recipe.synthetic.image_size)

    @cached_property
    def _where(self) -> torch.device:
        return device_of(self.device)

    @cached_property
    def _free(self) -> float:
        """Bytes that are free on the device, or on all of them; those of a CPU are shared by processes."""
        if self._where.type == "cpu":
            return psutil.virtual_memory().available / process_count()
        devices = range(torch.cuda.device_count()) if self.device == "all" else [self._where.index or 0]
        return float(sum(free_gpu_memory(index) for index in devices))

    @property
    def _free_told(self) -> str:
        return f"{size_in_words(self._free)} are free on {self._where.type}"

    def _fits(self, need: MemoryNeed, workers: int = 1) -> bool:
        if self._where.type == "cpu":
            return need.total + need.beside <= self._free
        beside = psutil.virtual_memory().available / process_count()
        return workers * need.total <= self._free and workers * need.beside <= beside

    def _told(self, need: MemoryNeed) -> str:
        """The whole in words, with its parts."""
        parts = {
            "weights": need.weights,
            "gradients": need.gradients,
            "optimizer": need.optimizer,
            "activations": need.activations,
            "kept in the computer's memory": need.beside,
        }
        sizes = ", ".join(f"{name} {size_in_words(size)}" for name, size in parts.items() if size)
        whole = need.total + (need.beside if self._where.type == "cpu" else 0)
        return f"{size_in_words(whole)} ({sizes})"


def _changes(settings: OptimizationSettings, device: torch.device) -> Iterator[dict[str, Any]]:
    """Changes of settings that save memory: as few as possible first, and the least of a change first."""
    single: list[dict[str, Any]] = []
    if not settings.gradient_checkpointing:
        single.append({"gradient_checkpointing": True})
    if settings.batch_size > 1:
        packed = settings.questions_per_image
        fewer = packed if settings.batch_size > packed else 1
        steps = settings.gradient_accumulation * settings.batch_size // fewer
        smaller = {"batch_size": fewer, "gradient_accumulation": steps}
        single.append(smaller if fewer >= packed else {**smaller, "questions_per_image": fewer})
    if settings.lora is None:
        single.append({"lora": LoraSettings(), "train_vision": False, "train_projector": False})
    # Whole weights wait in the computer's memory meanwhile, which is the same where that is the device.
    if settings.frozen_weights is None and device.type != "cpu":
        single.append({"frozen_weights": "4bit"})
    for count in range(1, len(single) + 1):
        for several in combinations(single, count):
            changes = {name: value for one in several for name, value in one.items()}
            if "frozen_weights" not in changes or settings.lora or "lora" in changes:
                yield {name: value for name, value in changes.items() if value != getattr(settings, name)}


def _as_yaml(value: Any) -> str:
    if isinstance(value, LoraSettings):
        return f"{{r: {value.r}, alpha: {value.alpha:g}, dropout: {value.dropout}}}"
    return str(value).lower()
