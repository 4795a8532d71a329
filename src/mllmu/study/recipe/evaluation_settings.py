"""What can be set about what is asked, what is kept of the answers, and how they are scored."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, field_validator

from mllmu.evaluation import get_extras
from mllmu.training import Precision
from mllmu.training.settings_base import Settings

SettingSeed = Annotated[int, Field(ge=-(2**63), lt=2**63)]
"""A seed as 64-bit columns of result files hold it."""


Letters = Literal["always", "never", "above_chance"]


class StudySettings(Settings):
    """What the parts of a recipe have in common: unknown settings are refused."""

    model_config = ConfigDict(validate_assignment=True)


class EvaluationSettings(StudySettings):
    """What is kept of the answers, and how they are turned into scores.

    Attributes:
        seed: seed of the bootstrap that the 95 % intervals come from, and of what a protocol draws.
        record: what else to record of reference answers about people to forget and holdout people, for
            attacks that need it: ``token_moments`` (for Min-K++) and ``gradient_norms`` (for GradNorm; a
            backward pass for each answer).
        letters: whether to ask for the letter of an option as well where the option texts are scored, which
            is a quarter of the asking. ``above_chance`` asks vanilla, and the others only if vanilla's
            letters beat chance on a sample drawn by ``seed`` (`letters_above_chance`); else ``always`` or
            ``never``, in YAML also true and false.
        precision: in which models are asked: ``float32``, ``bfloat16`` (faster where the hardware computes in
            it; a few answers differ), or ``auto``, float32 on a CPU and bfloat16 on a GPU.
        limit: at most how many questions of each set, modality and task are asked, drawn by ``seed``; all by
            default. For a first look: scores are of fewer questions, and their intervals say so.
    """

    seed: SettingSeed = 0
    record: list[str] = Field(default_factory=list)
    letters: Letters = "above_chance"
    precision: Precision = "auto"
    limit: int | None = Field(default=None, ge=1)

    @field_validator("letters", mode="before")
    @classmethod
    def _yes_is_always(cls, value: object) -> object:
        return {True: "always", False: "never"}[value] if isinstance(value, bool) else value

    @field_validator("record", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @field_validator("record")
    @classmethod
    def _check_record(cls, names: list[str]) -> list[str]:
        return sorted(get_extras(names))
