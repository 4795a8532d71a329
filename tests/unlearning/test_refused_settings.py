"""Protects: which common settings methods refuse is what docs/unlearning.md says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from mllmu.errors import UserError
from mllmu.training import OptimizationSettings
from mllmu.unlearning import make_method, method_names

SETTINGS: dict[str, dict[str, Any]] = {
    "lora": {"lora": {"r": 2}},
    "frozen_weights": {"frozen_weights": "4bit", "lora": {"r": 2}},
    "train_vision": {"train_vision": True},
    "train_projector": {"train_projector": True},
    "sine_projector": {"sine_projector": True},
    "gradient_checkpointing": {"gradient_checkpointing": True},
    "questions_per_image": {"questions_per_image": 2},
    "decouple": {"decouple": 0.5},
    "l1": {"l1": 0.1},
}
PAGE = Path(__file__).parents[2] / "docs" / "unlearning.md"


def _is_refused(method: str, settings: dict[str, Any]) -> bool:
    try:
        make_method(method, settings)
    except UserError:
        return True
    return False


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_page_names_who_refuses_a_setting(setting: str) -> None:
    train = [
        name for name in method_names() if isinstance(make_method(name, {}).settings, OptimizationSettings)
    ]
    refusing = [name for name in sorted(train) if _is_refused(name, SETTINGS[setting])]
    rows = re.findall(rf"^\| `{setting}` \| ((?:`\w+`(?:, )?)+) \|$", PAGE.read_text(encoding="utf-8"), re.M)
    assert refusing == (re.findall(r"\w+", rows[0]) if rows else [])
