"""Three people without any fault."""

from __future__ import annotations

import pytest

from mllmu.benchmark import (
    Profile,
)
from tests.benchmark.validation.sound_people import somebody


@pytest.fixture
def people() -> dict[str, Profile]:
    return {"001": somebody(1, "Ada Berg"), "002": somebody(2, "Bo Dahl"), "003": somebody(3, "Cy Eng")}
