"""One small run that all tests of studies look at, because making it takes longest."""

import shutil

import pytest

from mllmu.study import run
from tests.made_once import made_once
from tests.study.small_runs import Diary, brief_recipe, recipe, without_page
from tests.tried_once import models_of_a_kind_are_tried_once

__all__ = ["models_of_a_kind_are_tried_once"]


@pytest.fixture(scope="session")
def small_run(random_model_folder, tmp_path_factory):
    """The finished run of `recipe`, and the diary of making it; nothing may be changed in its folder."""

    def make(folder):
        diary = Diary()
        return run(recipe(random_model_folder), folder, "cpu", diary), diary

    return made_once(tmp_path_factory, "small_run", make)


@pytest.fixture(scope="session")
def brief_run(random_model_folder, tmp_path_factory):
    """The folder of the finished run of `brief_recipe`, made by one process; nothing may be changed in it."""

    def make(folder):
        with pytest.MonkeyPatch.context() as patch:
            without_page(patch)
            return run(brief_recipe(random_model_folder), folder, "cpu").folder

    return made_once(tmp_path_factory, "brief_run", make)


@pytest.fixture(scope="module")
def run_copy(small_run, tmp_path_factory):
    """A copy of the finished run's folder for the tests of a file, which may be added to."""
    folder = tmp_path_factory.mktemp("copy") / "run"
    shutil.copytree(small_run[0].folder, folder)
    return folder


@pytest.fixture
def no_page(monkeypatch):
    """The page of the report stays empty, for tests that do not look at it."""
    without_page(monkeypatch)
