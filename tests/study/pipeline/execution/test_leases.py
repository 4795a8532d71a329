"""Protects: of many who share a folder one makes a thing at a time, and nobody waits for the dead."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from threading import Barrier, Event, Thread

from mllmu.study.pipeline.execution.leases import LEASE_PREFIX, Leases

LEASE = 3.0
"""Seconds: a busy machine may keep the thread that shows signs of life waiting for some of them."""

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
        try:
            yield process
        finally:
            process.kill()  # also where it is stopped: else a test that fails would wait for it


@contextmanager
def claiming(*each):
    """Those who have got the lease on "stage", in a list that grows while all of them try."""
    got, over, start = [], Event(), Barrier(len(each))

    def take(leases):
        start.wait()
        while not over.is_set() and leases not in got:
            if leases.claim("stage"):
                got.append(leases)
            time.sleep(0.01)

    threads = [Thread(target=take, args=(leases,)) for leases in each]
    for thread in threads:
        thread.start()
    try:
        yield got
    finally:
        over.set()
        for thread in threads:
            thread.join()


def test_of_a_killed_holder_on_this_machine_the_lease_is_free_at_once(tmp_path):
    """An hour is far from over."""
    with holder(tmp_path, 3600) as process:
        process.kill()
        process.wait()
        leases = Leases(tmp_path, 3600)
        assert not leases.is_held("stage")
        assert leases.claim("stage")


def test_a_lease_without_signs_of_life_is_taken_by_one_of_two_and_a_living_holder_is_left_alone(tmp_path):
    """A process that is stopped lives, as far as the system knows, as one on another machine would.

    Both leases are tried for side by side: three times as long as one lasts is long enough to wait once.
    """
    silent, live = tmp_path / "silent", tmp_path / "live"
    both, patient = [Leases(silent, LEASE), Leases(silent, LEASE)], Leases(live, LEASE)
    with holder(silent, LEASE) as stopped, holder(live, LEASE) as living:
        os.kill(stopped.pid, signal.SIGSTOP)
        with claiming(*both, patient) as got:
            until = time.monotonic() + 30
            while not got and time.monotonic() < until:
                time.sleep(0.05)
            time.sleep(2 * LEASE)
        assert len(got) == 1 and got[0] in both

        os.kill(stopped.pid, signal.SIGCONT)
        stopped.communicate("\n")
        assert stopped.returncode == 0
        assert (silent / f"{LEASE_PREFIX}stage").exists()  # the first has not given it back
        (loser,) = (leases for leases in both if leases not in got)
        assert not loser.claim("stage")
        got[0].release("stage")
        assert list(silent.iterdir()) == []
        assert loser.claim("stage")

        assert patient.is_held("stage") and "stage" not in patient
        assert patient.claim("another")
        living.communicate("\n")
        assert patient.claim("stage") and "stage" in patient


def test_files_of_the_dead_are_dropped_and_those_of_the_living_are_not(tmp_path):
    with holder(tmp_path, 60) as process:
        Leases(tmp_path, 60).drop_dead()
        assert [path.name for path in tmp_path.iterdir()] == [f"{LEASE_PREFIX}stage"]
        process.kill()
        process.wait()
        Leases(tmp_path, 60).drop_dead()
        assert list(tmp_path.iterdir()) == []
