"""The columns that tables of results share: whose a number is, under which condition, and of what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mllmu.errors import UserError
from mllmu.evaluation.scoring.score import CELL
from mllmu.evaluation.view import USUAL_VIEWS
from mllmu.unlearning.lineage import Lineage

LINEAGE = ("model", "method", "unlearn_modality", "further_steps")
KEYS = (*LINEAGE, "forget_ratio", "protocol")
QUANTITY = tuple(CELL)


@dataclass(frozen=True)
class Condition:
    """What scores must share to be compared: one forget ratio under one protocol."""

    forget_ratio: int
    protocol: str


def require_columns(frame: pd.DataFrame, columns: Sequence[str], source: str) -> None:
    """Refuse a table of something else, or of an earlier version.

    Args:
        frame: the table.
        columns: those that it has to have.
        source: what to call it in the message, in the plural.

    Raises:
        UserError: a column is missing.
    """
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise UserError(f"{source} lack the column {missing[0]!r}; expected {', '.join(columns)}.")


def tidied(frame: pd.DataFrame) -> pd.DataFrame:
    """The same rows with texts that are never missing, and an empty view where it is a set's own."""
    texts = {name: frame[name].fillna("").astype(str) for name in (*LINEAGE[1:], "protocol", "view")}
    # A score under a view that sets do not have by themselves is looked up by its name.
    texts["view"] = texts["view"].where(~texts["view"].isin(USUAL_VIEWS), "")
    return frame.assign(**texts)


def models_in(cells: Iterable[tuple[Any, ...]], condition: Condition, unlearn_modality: str) -> list[Lineage]:
    """The models unlearned on a modality that have a cell, each once.

    Args:
        cells: of each cell whose it is, under which condition, and more, as `named` gives it.
        condition: under which.
        unlearn_modality: on which.
    """
    lineages = dict.fromkeys(lineage for lineage, asked_under, *_ in cells if asked_under == condition)
    return [one for one in lineages if one.unlearn_modality == unlearn_modality]


def named(key: Any) -> tuple[Any, ...]:
    """The values of `KEYS` and more columns -> a model's lineage, its condition, and the other values."""
    return (Lineage.of_columns(*key[:4]), Condition(int(key[4]), key[5]), *key[6:])
