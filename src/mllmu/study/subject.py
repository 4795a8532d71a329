"""Who is compared: the models of a study, and what to call them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mllmu.report.names import RETRAINED, UNLEARNED, VANILLA
from mllmu.report.run_folder import records_stem

__all__ = ["RETRAINED", "UNLEARNED", "VANILLA", "Subject"]


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
        return records_stem(self.model, self.method, self.unlearn_modality, forget_ratio, self.seed)

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
