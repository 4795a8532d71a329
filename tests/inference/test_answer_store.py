"""Protects: what was kept is there again, whoever is killed or writes at the same time, and within bounds."""

import multiprocessing
import os
import signal
import sqlite3

import pytest

from mllmu.errors import UserError
from mllmu.inference import AnswerStore

FORK = multiprocessing.get_context("fork")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new" / "answers.sqlite"


def key(number):
    return number.to_bytes(32, "big")


def values(numbers):
    return {key(number): [number, "Rīga", -0.1, None] for number in numbers}


def test_values_come_back_as_they_were(path):
    AnswerStore(path).add(values(range(2000)))
    stored = AnswerStore(path).find([key(number) for number in [5, 1999, 2000, 5]])
    assert stored == values([5, 1999])


def test_numbers_keep_every_digit(path):
    numbers = [0.1 + 0.2, -1e-300, float("-inf"), 2**53 + 1]
    AnswerStore(path).add({key(1): numbers})
    assert AnswerStore(path).find([key(1)]) == {key(1): numbers}


def test_what_is_there_stays(path):
    store = AnswerStore(path)
    store.add({key(1): "first"})
    store.add({key(1): "second", key(2): "new"})
    assert store.find([key(1), key(2)]) == {key(1): "first", key(2): "new"}


def add_and_die(path):
    """Keeps something, and is killed with more half written."""
    AnswerStore(path).add(values(range(10)))
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO answers (key, value) VALUES (?, ?)", (key(77), '"half'))
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_writer_leaves_a_usable_store(path):
    writer = FORK.Process(target=add_and_die, args=(path,))
    writer.start()
    writer.join()
    assert writer.exitcode == -signal.SIGKILL
    store = AnswerStore(path)
    assert store.find([key(3), key(77)]) == values([3])
    store.add(values([77]))
    assert store.find([key(77)]) == values([77])


def add_one_by_one(path, numbers):
    store = AnswerStore(path)
    for number in numbers:
        store.add(values([number]))


def test_several_processes_write_at_once(path):
    writers = [FORK.Process(target=add_one_by_one, args=(path, range(n, 90, 3))) for n in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert len(AnswerStore(path).find([key(number) for number in range(90)])) == 90


def test_a_full_store_drops_the_oldest(path):
    """It stays near its bound however much is added, and keeps what came last."""
    store = AnswerStore(path, max_bytes=200_000)
    for start in range(0, 4000, 50):
        store.add({key(number): "x" * 300 for number in range(start, start + 50)})
    assert path.stat().st_size < 260_000
    left = store.find([key(number) for number in range(4000)])
    assert 200 < len(left) < 700
    assert key(3999) in left and key(0) not in left


def test_another_file_is_refused_and_left_alone(path):
    path.parent.mkdir()
    path.write_bytes(b"not a database, but long enough for the header of one " * 20)
    before = path.read_bytes()
    with pytest.raises(UserError, match=r"answers.sqlite cannot be used.*deleted"):
        AnswerStore(path)
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="expected a file that mllmu wrote and may write"):
        AnswerStore(tmp_path / "file" / "answers.sqlite")
