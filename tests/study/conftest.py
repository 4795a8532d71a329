"""One small run that all tests of studies look at, because making it takes longest."""

import pytest

from mllmu.study import run
from tests.study.small_runs import Diary, recipe


@pytest.fixture(scope="session")
def small_run(random_model_folder, tmp_path_factory):
    """The finished run of `recipe`, and the diary of making it; nothing may be changed in its folder."""
    diary = Diary()
    return run(recipe(random_model_folder), tmp_path_factory.mktemp("small") / "run", "cpu", diary), diary
