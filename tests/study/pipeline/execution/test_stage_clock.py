"""Protects: a stage that was killed and goes on is said to have taken as long as it took in all."""

import pytest

from mllmu.study.pipeline.execution.stage_clock import StageClock


class Hands:
    """A clock that is set by hand."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def tell_nobody(done, total):
    pass


@pytest.mark.parametrize(("keeps_work", "before"), [(True, 40.0), (False, 0.0)])
def test_earlier_tries_count_where_their_work_was_kept(tmp_path, keeps_work, before):
    """Killed 2 seconds after the last note, which is made 40 seconds after the start."""
    scratch, hands = tmp_path / "unfinished-key", Hands()
    progress = StageClock(scratch, hands).watched(tell_nobody)
    if keeps_work:
        scratch.mkdir()
    hands.now += 40
    progress(1, 3)
    hands.now += 2
    progress(2, 3)
    again = StageClock(scratch, hands)
    hands.now += 7
    assert again.seconds() == before + 7
    assert scratch.exists() == keeps_work


def test_a_note_that_broke_off_is_none(tmp_path):
    (tmp_path / "seconds").write_text("")
    hands = Hands()
    clock = StageClock(tmp_path, hands)
    hands.now += 3
    assert clock.seconds() == 3


def test_progress_is_told_as_ever(tmp_path):
    told = []
    StageClock(tmp_path).watched(lambda done, total: told.append((done, total)))(1, 2)
    assert told == [(1, 2)]
