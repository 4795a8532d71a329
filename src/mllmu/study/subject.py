"""Who is compared: the models of a study, and what to call them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

VANILLA = "vanilla"
RETRAINED = "retrained"
UNLEARNED = "unlearned"


@dataclass(frozen=True)
class Subject:
    """One model under comparison, as the columns of ``results.parquet`` name it.

    Attributes:
        model: ``vanilla``, ``retrained`` or ``unlearned``.
        seed: of its training.
        method: how it unlearned; empty for the other two.
        unlearn_modality: what it unlearned on; empty for the other two.
    """

    model: str
    seed: int
    method: str = ""
    unlearn_modality: str = ""

    def file_name(self, forget_ratio: int) -> str:
        """The stem of its records' file for one forget ratio, e.g. ``npo-text-forget10-seed0``."""
        parts = [
            self.method or self.model,
            self.unlearn_modality,
            f"forget{forget_ratio}",
            f"seed{self.seed}",
        ]
        return "-".join(part for part in parts if part)

    def columns(self, forget_ratio: int, protocol: str) -> dict[str, Any]:
        """The columns that tell this model's scores from all others."""
        return {
            "model": self.model,
            "method": self.method,
            "unlearn_modality": self.unlearn_modality,
            "forget_ratio": forget_ratio,
            "seed": self.seed,
            "protocol": protocol,
        }
