"""Protects: processes that run one recipe in one folder share its stages, and end as one alone would have."""

import json
import multiprocessing
import time
from threading import Thread

import pytest
import torch

from mllmu.study import run
from tests.study.small_runs import Diary, brief_recipe, same_run
from tests.together import prepared

pytestmark = pytest.mark.usefixtures("no_page")


class Lingering(Diary):
    """Tells another process which stages it begins, and stays in its third until it is killed."""

    def __init__(self, told):
        super().__init__()
        self.told, self.begun = told, 0

    def begin(self, title):
        self.begun += 1
        self.told.send(title)
        if self.begun == 3:
            time.sleep(600)


def kill_when_lingering(other, heard, theirs, ours):
    """Wait until the other lingers and we have made something of our own, and kill it."""
    while len(theirs) < 3:
        theirs.append(heard.recv())
    while not ours.done:
        time.sleep(0.05)
    before = list(ours.done)
    other.kill()
    other.join()
    ours.before = before


def other_run(model, folder, told):
    torch.set_num_threads(1)
    run(brief_recipe(model), folder, "cpu", Lingering(told))


def test_a_second_run_makes_other_stages_and_those_of_the_first_when_it_is_killed(
    brief_run, random_model_folder, tmp_path
):
    """The other makes people, vanilla, and lingers in a third stage, which is made again after its death."""
    heard, told = multiprocessing.Pipe(duplex=False)
    other = prepared().Process(target=other_run, args=(random_model_folder, tmp_path, told), daemon=True)
    other.start()
    told.close()
    diary, theirs = Diary(), [heard.recv(), heard.recv()]
    killer = Thread(target=kill_when_lingering, args=(other, heard, theirs, diary), daemon=True)
    killer.start()
    run(brief_recipe(random_model_folder), tmp_path, "cpu", diary)
    killer.join()
    assert other.exitcode == -9
    finished, lingering = theirs[:2], theirs[2]
    assert lingering not in diary.before  # while the other lived, we made something else
    assert lingering in diary.done and not set(finished) & set(diary.done)
    made = [json.loads(path.read_text())["title"] for path in tmp_path.glob("stages/*/manifest.json")]
    assert sorted(made) == sorted([*finished, *diary.done])
    assert same_run(tmp_path, brief_run)
