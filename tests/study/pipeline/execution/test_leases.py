"""Protects: of many who share a folder one makes a thing at a time, and nobody waits for the dead."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from threading import Barrier, Thread

from mllmu.study.pipeline.execution.leases import LEASE_PREFIX, Leases

HOLDER = """
import sys, time
from pathlib import Path
from mllmu.study.pipeline.execution.leases import Leases
leases = Leases(Path(sys.argv[1]), float(sys.argv[2]))
assert leases.claim("stage")
print("held", flush=True)
sys.stdin.readline()
leases.release("stage")
"""


@contextmanager
def holder(folder, seconds):
    """Another process, which holds the lease on "stage" until it reads a line."""
    command = [sys.executable, "-c", HOLDER, str(folder), str(seconds)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        if process.poll() is None:
            process.kill()


def test_a_living_holder_is_left_alone_however_long_it_takes(tmp_path):
    with holder(tmp_path, 0.6) as process:
        leases = Leases(tmp_path, 0.6)
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            assert not leases.claim("stage")
            time.sleep(0.05)
        assert leases.is_held("stage") and "stage" not in leases
        assert leases.claim("another")
        process.communicate("\n")
        assert leases.claim("stage") and "stage" in leases


def test_of_a_killed_holder_on_this_machine_the_lease_is_free_at_once(tmp_path):
    """An hour is far from over."""
    with holder(tmp_path, 3600) as process:
        process.kill()
        process.wait()
        leases = Leases(tmp_path, 3600)
        assert not leases.is_held("stage")
        assert leases.claim("stage")


def test_a_lease_without_signs_of_life_is_taken_by_one_of_two_and_not_given_back_by_the_first(tmp_path):
    """A process that is stopped lives, as far as the system knows, as one on another machine would."""
    with holder(tmp_path, 0.6) as process:
        os.kill(process.pid, signal.SIGSTOP)
        both, got = [Leases(tmp_path, 0.6), Leases(tmp_path, 0.6)], []
        start = Barrier(2)

        def take(leases):
            start.wait()
            until = time.monotonic() + 2.5
            while time.monotonic() < until and leases not in got:
                if leases.claim("stage"):
                    got.append(leases)
                time.sleep(0.01)

        threads = [Thread(target=take, args=(leases,)) for leases in both]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(got) == 1
        os.kill(process.pid, signal.SIGCONT)
        process.communicate("\n")
        assert process.returncode == 0
        assert (tmp_path / f"{LEASE_PREFIX}stage").exists()
        (loser,) = (leases for leases in both if leases not in got)
        assert not loser.claim("stage")
        got[0].release("stage")
        assert list(tmp_path.iterdir()) == []
        assert loser.claim("stage")


def test_files_of_the_dead_are_dropped_and_those_of_the_living_are_not(tmp_path):
    with holder(tmp_path, 60) as process:
        Leases(tmp_path, 60).drop_dead()
        assert [path.name for path in tmp_path.iterdir()] == [f"{LEASE_PREFIX}stage"]
        process.kill()
        process.wait()
        Leases(tmp_path, 60).drop_dead()
        assert list(tmp_path.iterdir()) == []
