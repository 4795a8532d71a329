"""A stand-in for lmms-eval, so that its bridge is tested where it is not installed."""

import os
import sys
from pathlib import Path

import pytest

FAKE = Path(__file__).parent / "fake"


@pytest.fixture
def fake_lmms_eval(monkeypatch):
    """The stand-in, in this process and in those it starts."""

    def is_theirs(name):
        return name.split(".")[0] == "lmms_eval" or name.startswith("mllmu.bridges.lmms_eval.lmms_m")

    for name in [name for name in sys.modules if is_theirs(name)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(FAKE)
    inherited = [os.environ["PYTHONPATH"]] if os.environ.get("PYTHONPATH") else []
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(FAKE), *inherited]))
    yield
    for name in [name for name in sys.modules if is_theirs(name)]:
        del sys.modules[name]
