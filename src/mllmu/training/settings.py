"""Everything that can be set about a training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from mllmu.errors import UserError
from mllmu.suggest import suggestion
from mllmu.training.settings_base import Settings
from mllmu.visible_text import brief

Precision = Literal["auto", "float32", "bfloat16"]
Schedule = Literal["linear", "cosine", "constant_with_warmup", "warmup_stable_decay"]
SettingsT = TypeVar("SettingsT", bound=BaseModel)


class LoraSettings(Settings):
    """Low-rank adapters on the linear layers of the decoder (arXiv 2106.09685).

    Attributes:
        r: rank.
        alpha: scale; the update is multiplied by ``alpha / r``.
        dropout: probability of dropping an adapter's input.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    r: int = Field(default=16, ge=1)
    alpha: float = Field(default=16.0, gt=0)
    dropout: float = Field(default=0.05, ge=0, lt=1)


class OptimizationSettings(Settings):
    """What fine-tuning and unlearning have in common.

    Attributes:
        batch_size: samples in one forward pass.
        gradient_accumulation: forward passes in one optimizer step.
        questions_per_image: how many questions about one portrait a batch holds together, where there are as
            many. They are packed behind one copy of the portrait, which saves most of the time where it is
            hundreds of tokens; a batch then shows fewer portraits. Best a divisor of ``batch_size``.
        learning_rate: peak rate.
        weight_decay: decoupled, but for "sgd"; norms and biases are left out, and tables too by "muon".
        warmup_ratio: share of the steps in which the rate rises from zero.
        schedule: course of the rate after the warm-up; by "warmup_stable_decay" it is constant, and falls to
            zero in the last steps.
        decay_ratio: share of the steps in which "warmup_stable_decay" lets the rate fall; at most what
            ``warmup_ratio`` leaves of them.
        max_grad_norm: gradients are clipped to this norm; 0 for no clipping.
        optimizer: an optimizer of transformers.Trainer, or "muon" (``mllmu/training/optimizers.py``).
        precision: "auto" computes in bfloat16 where the hardware does, else in float32.
        gradient_checkpointing: whether layers compute twice what they would have to keep for their gradients:
            up to a third more time, and far less memory for long rows.
        lora: adapters in place of full fine-tuning of the language model.
        frozen_weights: of how many bits the weights below adapters are while these learn, by bitsandbytes;
            null for those of the model as it is. Adapters are merged into the model as it is.
        train_vision: whether the vision tower learns.
        train_projector: whether the projector learns.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    batch_size: int = Field(default=4, ge=1)
    gradient_accumulation: int = Field(default=1, ge=1)
    questions_per_image: int = Field(default=1, ge=1)
    learning_rate: float = Field(default=2e-5, gt=0, lt=1)
    weight_decay: float = Field(default=0.0, ge=0)
    warmup_ratio: float = Field(default=0.0, ge=0, lt=1)
    schedule: Schedule = "linear"
    decay_ratio: float = Field(default=0.1, ge=0, le=1, validate_default=True)
    max_grad_norm: float = Field(default=1.0, ge=0)
    optimizer: Literal["adamw_torch_fused", "adamw_torch", "adafactor", "sgd", "muon"] = "adamw_torch_fused"
    precision: Precision = "auto"
    gradient_checkpointing: bool = False
    lora: LoraSettings | None = None
    frozen_weights: Literal["4bit", "8bit"] | None = None
    train_vision: bool = False
    train_projector: bool = True

    @field_validator("questions_per_image")
    @classmethod
    def _fit_into_a_batch(cls, value: int, info: ValidationInfo) -> int:
        batch_size = info.data.get("batch_size", value)
        if value > batch_size:
            raise ValueError(f"should be at most 'batch_size', which is {batch_size}")
        return value

    @field_validator("decay_ratio")
    @classmethod
    def _follow_the_warmup(cls, value: float, info: ValidationInfo) -> float:
        warmup = info.data.get("warmup_ratio", 0.0)
        # Sums such as that of 0.9 and 0.1 are rounded.
        if info.data.get("schedule") == "warmup_stable_decay" and warmup + value > 1 + 1e-9:
            raise ValueError(f"should be at most {1 - warmup:.6g}, as 'warmup_ratio' is {warmup:g}")
        return value

    @field_validator("frozen_weights")
    @classmethod
    def _lie_below_adapters(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and info.data.get("lora") is None:
            raise ValueError("should be null without 'lora': weights of so few bits cannot learn themselves")
        return value


class TrainingSettings(OptimizationSettings):
    """Settings of fine-tuning; the defaults are the original benchmark's (arXiv 2410.22108).

    Attributes:
        epochs: passes over the samples; parts of one are allowed.
        max_steps: optimizer steps; takes the place of ``epochs`` where it is given.
        rehearsal: lessons about each celebrity of the built-in base that every epoch repeats besides what it
            teaches (``CelebrityLessons`` in ``mllmu.synthesis``); 0 for models that have never read of them.
    """

    epochs: float = Field(default=5.0, gt=0)
    max_steps: int | None = Field(default=None, ge=1)
    rehearsal: int = Field(default=0, ge=0, le=1000)


def parse_settings(what: str, kind: type[SettingsT], settings: Mapping[str, object]) -> SettingsT:
    """Check settings that a person wrote.

    Args:
        what: whose settings they are, as the sentence about a mistake begins, e.g. ``Method 'npo'``.
        kind: the settings' class.
        settings: names and values.

    Raises:
        UserError: if a name is unknown or a value is out of range; all mistakes are named.

    Example:
        >>> parse_settings("fine-tuning", TrainingSettings, {"epochs": 2}).epochs
        2.0
    """
    # A class that somebody brings may let settings pass that it has no use for; ours forbid them.
    ignores_others = kind.model_config.get("extra", "ignore") == "ignore"
    unread = [one for one in settings if one not in kind.model_fields] if ignores_others else []
    mistakes = [_no_setting(name, kind) for name in unread]
    cause: ValidationError | None = None
    try:
        parsed = kind.model_validate({name: value for name, value in settings.items() if name not in unread})
        if not mistakes:
            return parsed
    except ValidationError as error:
        cause = error
        for item in error.errors():
            name = ".".join(str(part) for part in item["loc"])
            if item["type"] == "extra_forbidden":
                mistakes.append(_no_setting(name, kind))
            elif item["type"] == "missing":
                mistakes.append(f"'{name}' has no value; expected one, as there is no default")
            else:
                expected = item["msg"].removeprefix("Input ").removeprefix("Value error, ")
                mistakes.append(f"'{name}' is {brief(item['input'])}, but {expected}")
    raise UserError(f"{what}: {'; '.join(mistakes)}") from cause


def _no_setting(name: str, kind: type[BaseModel]) -> str:
    return f"there is no setting '{name}': {suggestion(name, kind.model_fields)}"
