"""Protects: a process that works together with others notices where it does not see what they see."""

import pytest

from mllmu.errors import UserError
from mllmu.study import Display
from mllmu.study.pipeline.execution import joint_executor
from mllmu.study.pipeline.execution.joint_executor import JointExecutor
from mllmu.study.pipeline.execution.stage_store import Made, Stage, Store


def test_a_folder_that_is_not_shared_is_told(tmp_path, monkeypatch):
    """The first process has made a stage, on a disk of its own."""
    monkeypatch.setattr(joint_executor, "from_main", lambda make: Made(tmp_path / "elsewhere", {}))
    monkeypatch.setenv("RANK", "1")
    stage = Stage("scoring", "score", "", {}, lambda workplace, progress: {})
    with pytest.raises(UserError, match=r"Process 1 cannot see .*elsewhere.*; expected a folder that all"):
        JointExecutor(Store(tmp_path / "here"), Display()).do(stage)
