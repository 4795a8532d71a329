"""Protects: whoever ends a command ends all that it started."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil

STARTER = """
import time
from multiprocessing import get_context

from mllmu.study.pipeline.execution.workers.end_with_parent import end_with_parent


def work(connection):
    end_with_parent()
    connection.send("at work")
    time.sleep(600)


if __name__ == "__main__":
    end_with_parent()  # of the command itself nobody is the parent, and it goes on
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    worker = context.Process(target=work, args=(theirs,))
    worker.start()
    ours.recv()
    print(worker.pid, flush=True)
    time.sleep(600)
"""


def test_a_worker_ends_when_its_command_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "starter.py"
    script.write_text(STARTER, encoding="utf-8")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        worker = psutil.Process(int(starter.stdout.readline()))
        assert worker.is_running()
        starter.kill()
    # Whom nobody waits for any more may stay in the list of processes, but does nothing.
    _, alive = psutil.wait_procs([worker], timeout=30)
    assert all(each.status() == psutil.STATUS_ZOMBIE for each in alive)
