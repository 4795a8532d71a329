"""What all settings that people write have in common, of recipes, trainings and methods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator


class Settings(BaseModel):
    """Settings of which unknown ones are refused, and so are flags in place of numbers.

    YAML reads ``off``, ``no`` and ``yes`` as flags, and Python takes these for 0 and 1: ``split_seed: off``
    would draw people by seed 0.
    """

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_flags(cls, value: Any, info: ValidationInfo) -> Any:
        annotation = cls.model_fields[str(info.field_name)].annotation
        types = set(_parts(annotation))
        values = value if isinstance(value, list | tuple) else [value]
        if types & {int, float} and bool not in types and any(isinstance(one, bool) for one in values):
            raise ValueError("should be a number, where YAML reads yes, no, on and off as true and false")
        return value


class NoSettings(Settings):
    """The settings of what has none."""


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)
