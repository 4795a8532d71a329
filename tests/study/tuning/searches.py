"""Searches on a few people and a small model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mllmu.study import Recipe, Search

COMMON = {"batch_size": 4, "precision": "float32"}


def search(model: Path, **changes: Any) -> Search:
    recipe = Recipe.model_validate(
        {
            "model": str(model),
            "synthetic": {
                "profiles": 6,
                "celebrities": 2,
                "holdout": 2,
                "image_size": 32,
                "test_image_size": 32,
            },
            "fine_tuning": {"max_steps": 2, **COMMON},
            "methods": {
                "npo": {"learning_rate": 1e-3, "beta": 0.4, "alpha": 99.0, **COMMON},
                "prompting": {},
            },
        }
    )
    given = {"method": "npo", "modality": "text", "forget_ratio": 34, "people_seed": 7, "trials": 2}
    return Search(recipe, **{**given, "passes": 1.0, "seed": 0, **changes})
