"""People and models that searches of these tests share, so that they are made once."""

from __future__ import annotations

import shutil
from pathlib import Path
from unittest.mock import Mock

import pytest

from mllmu.study import Display, tune
from mllmu.study.tuning.trial_score import State
from tests.made_once import made_once
from tests.study.tuning.searches import search


@pytest.fixture(scope="session")
def models(random_model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stages of a search that has tried nothing yet; nothing may be changed in them."""

    def make(folder: Path) -> Path:
        state = State(1.0, 10, 40, 80)
        with pytest.MonkeyPatch.context() as patch:
            tried = Mock(return_value=({5.0: state, 15.0: state}, 1.0))
            patch.setattr("mllmu.study.tuning.tune_method.Trials.run", tried)
            tune(search(random_model_folder, trials=1), folder, "cpu", Display())
        return folder / "stages"

    return made_once(tmp_path_factory, "searched_models", make)


@pytest.fixture
def with_models(models: Path, tmp_path: Path) -> Path:
    """A folder for searches in which nobody has to be made or taught any more."""
    shutil.copytree(models, tmp_path / "stages")
    return tmp_path
