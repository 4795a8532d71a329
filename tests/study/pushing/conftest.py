"""A hub of its own for every test, and the commands that push to it."""

import shutil

import pytest
from typer.testing import CliRunner

from mllmu.cli import app
from tests.fake_hub import TOKEN, serving_hub


@pytest.fixture
def hub(tmp_path):
    with serving_hub(tmp_path / "hub-cache") as server:
        yield server


@pytest.fixture
def whole(random_model_folder, tmp_path):
    """A model's folder that a test may change."""
    return shutil.copytree(random_model_folder, tmp_path / "whole")


@pytest.fixture
def push(hub):
    """Call ``mllmu push``; its exit code, and what it said on one line."""

    def call(*arguments):
        result = CliRunner().invoke(app, ["push", *map(str, arguments)])
        said = " ".join(result.output.split())
        assert TOKEN not in said
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, said

    return call
