"""What was done to a base model, step by step; a model's name and its place in tables follow from that."""

from __future__ import annotations

from dataclasses import dataclass

TEACH, UNLEARN = "teach", "unlearn"
EVERYONE, RETAIN = "everyone", "retain"

BASE, VANILLA, RETRAINED, UNLEARNED = "base", "vanilla", "retrained", "unlearned"


@dataclass(frozen=True)
class LineageStep:
    """One thing that was done to a model.

    Attributes:
        kind: ``teach``, ``unlearn``, or the name of a further step.
        variant: whom it taught (``everyone``, ``retain``) or by which method it unlearned; empty for others.
        modality: what it unlearned on; empty for others.
    """

    kind: str
    variant: str = ""
    modality: str = ""

    def __str__(self) -> str:
        return ":".join(part for part in (self.kind, self.variant, self.modality) if part)


@dataclass(frozen=True)
class Lineage:
    """The steps that made a model of its base.

    Everything that names a model is a view of them: ``model``, ``method`` and ``unlearn_modality`` of the
    teaching and the first unlearning, ``further_steps`` of whatever came after.

    Example:
        >>> relearned = VANILLA_LINEAGE.unlearned("npo", "both").then(LineageStep("relearn"))
        >>> relearned.model, relearned.method, relearned.further_steps
        ('unlearned', 'npo', 'relearn')
        >>> relearned.file_stem(forget_ratio=10, seed=0)
        'npo-both-relearn-forget10-seed0'
    """

    steps: tuple[LineageStep, ...] = ()

    @classmethod
    def of_columns(cls, model: str, method: str, unlearn_modality: str, further_steps: str) -> Lineage:
        """The lineage that the columns of ``results.parquet`` describe."""
        if model == BASE:
            start: tuple[LineageStep, ...] = ()
        elif model == RETRAINED:
            start = (LineageStep(TEACH, RETAIN),)
        elif model == VANILLA:
            start = (LineageStep(TEACH, EVERYONE),)
        else:
            start = (LineageStep(TEACH, EVERYONE), LineageStep(UNLEARN, method, unlearn_modality))
        further = (LineageStep(*step.split(":")) for step in further_steps.split("+") if step)
        return cls((*start, *further))

    def then(self, step: LineageStep) -> Lineage:
        """The lineage of what one more step makes of the model."""
        return Lineage((*self.steps, step))

    def treated_as(self, other: Lineage) -> Lineage:
        """The lineage of the model after the further steps of another one, in place of its own."""
        return Lineage((*self.steps[: self._named], *other.steps[other._named :]))

    def unlearned(self, method: str, modality: str) -> Lineage:
        """The lineage of what unlearning makes of the model."""
        return self.then(LineageStep(UNLEARN, method, modality))

    @property
    def model(self) -> str:
        """``base``, ``vanilla``, ``retrained`` or ``unlearned``."""
        if self._unlearning is not None:
            return UNLEARNED
        if self._teaching is None:
            return BASE
        return RETRAINED if self._teaching.variant == RETAIN else VANILLA

    @property
    def method(self) -> str:
        """How it first unlearned; empty where it did not."""
        return self._unlearning.variant if self._unlearning else ""

    @property
    def unlearn_modality(self) -> str:
        """What it first unlearned on; empty where it did not unlearn."""
        return self._unlearning.modality if self._unlearning else ""

    @property
    def further_steps(self) -> str:
        """What was done after that, with ``+`` between the steps; empty for most models."""
        return "+".join(map(str, self.steps[self._named :]))

    @property
    def without_further_steps(self) -> Lineage:
        """The model as it was before them."""
        return Lineage(self.steps[: self._named])

    @property
    def columns(self) -> dict[str, str]:
        """The columns of ``results.parquet`` that tell it from other models of the same seed."""
        return {
            "model": self.model,
            "method": self.method,
            "unlearn_modality": self.unlearn_modality,
            "further_steps": self.further_steps,
        }

    @property
    def in_tables(self) -> Lineage:
        """The model as tables of results tell it, where whatever unlearned was taught before."""
        return Lineage.of_columns(**self.columns)

    @property
    def step_names(self) -> list[str]:
        """The names of its further steps, in order."""
        return [step.variant if step.kind == UNLEARN else step.kind for step in self.steps[self._named :]]

    def file_stem(self, forget_ratio: int, seed: int) -> str:
        """What the file of its records is called before its suffix, e.g. ``npo-text-forget10-seed0``.

        Args:
            forget_ratio: per cent of the people that count as forgotten.
            seed: of its training.
        """
        further = self.further_steps.replace(":", "_")
        name = self.method or self.model
        parts = [name, self.unlearn_modality, further, f"forget{forget_ratio}", f"seed{seed}"]
        return "-".join(part for part in parts if part)

    @property
    def _teaching(self) -> LineageStep | None:
        first = self.steps[0] if self.steps else None
        return first if first is not None and first.kind == TEACH else None

    @property
    def _unlearning(self) -> LineageStep | None:
        """The unlearning that comes first, or right after the teaching."""
        before = 1 if self._teaching else 0
        step = self.steps[before] if len(self.steps) > before else None
        return step if step is not None and step.kind == UNLEARN else None

    @property
    def _named(self) -> int:
        """How many steps ``model``, ``method`` and ``unlearn_modality`` speak of."""
        return sum(step is not None for step in (self._teaching, self._unlearning))


VANILLA_LINEAGE = Lineage((LineageStep(TEACH, EVERYONE),))
RETRAINED_LINEAGE = Lineage((LineageStep(TEACH, RETAIN),))
