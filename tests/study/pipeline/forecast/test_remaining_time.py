"""Protects what is told of the time a run still takes: weighted by cost, never more without a reason."""

from mllmu.study.pipeline.forecast.remaining_time import ExpectedStage, RemainingTime
from mllmu.study.pipeline.forecast.time_estimate import Pace

TEACH, ASK = "fine_tuning", "asking"


def planned(*stages, pace=None):
    """A run of stages (title, kind, work) to come, whose kinds took so many seconds a unit elsewhere."""
    time = RemainingTime()
    expected = [ExpectedStage(title, kind, "tiny", work) for title, kind, work in stages]
    time.plan(expected, Pace({(kind, "tiny"): seconds for kind, seconds in (pace or {}).items()}))
    return time


def test_a_large_stage_weighs_more_than_a_small_one():
    """Elsewhere a unit of teaching took 2 s and one of asking 1 s: 2 x 30 + 10 s."""
    time = planned(("vanilla", TEACH, 30), ("ask", ASK, 10), pace={TEACH: 2.0, ASK: 1.0})
    assert time.tell(0) == "about 1 min 10 s left of the run"
    time.begin("vanilla", 0)
    time.courses["vanilla"].advance(0, 4, 0)
    time.courses["vanilla"].advance(3, 4, 30)  # 10 s for the last quarter, and 10 for asking
    assert time.tell(30) == "about 20 s left of the run"
    time.end("vanilla", 40)
    time.skip("ask")
    assert time.tell(40) == ""


def test_steps_of_another_kind_are_timed_on_their_own():
    """Reading 8 samples took 80 s; 20 steps of training, told from 0 or by the first one, take 2 s each."""
    time = planned(("npo", TEACH, 10), pace={TEACH: 1.0})
    time.begin("npo", 0)
    course = time.courses["npo"]
    course.advance(4, 8, 40)
    course.advance(8, 8, 80)
    course.advance(0, 20, 80)
    assert course.tell(80) == ""
    course.advance(5, 20, 90)
    assert course.tell(90) == "about 30 s left"
    course.advance(20, 20, 120)
    course.advance(1, 20, 121)  # another 20, such as a second training, without a word before the first
    assert course.tell(121) == "about 19 s left"
    assert course.share == 1.0
    assert time.end("npo", 140) == 140


def test_while_samples_are_read_the_training_after_it_counts():
    """Like 10 units of 40 s elsewhere; 5 of 10 samples are read after 20 s, and then trained 5 s a step."""
    time = planned(("npo", TEACH, 10), pace={TEACH: 40.0})
    time.begin("npo", 0)
    course = time.courses["npo"]
    course.advance(0, 10, 0)
    course.advance(5, 10, 20)
    assert course.tell(20) == "about 20 s left"
    assert time.tell(20) == "about 6 min 20 s left of the run"
    course.advance(0, 60, 40)
    course.advance(20, 60, 140)  # 40 more steps
    assert time.tell(140) == "about 3 min 20 s left of the run"


def test_it_falls_with_the_clock_and_small_rises_are_waited_for():
    """After 100 of 1,000 s a tenth is done, and then a tenth less than a fifth."""
    time = planned(("vanilla", TEACH, 1000), pace={TEACH: 1.0})
    time.begin("vanilla", 0)
    course = time.courses["vanilla"]
    course.advance(0, 100, 0)
    course.advance(10, 100, 100)
    assert time.tell(100) == "about 15 min 0 s left of the run"
    course.advance(19, 100, 200)  # 852.6 s by its pace, and 800 by the clock
    assert time.tell(200) == "about 13 min 20 s left of the run"


def test_a_rise_is_explained_by_who_is_slow_and_by_what_is_newly_known():
    time = planned(("vanilla", TEACH, 100), ("ask", ASK, 50), ("ask npo", ASK, 50), pace={TEACH: 1.0})
    assert time.tell(0) == "about 1 min 40 s left of the run, not counting asking"
    time.begin("vanilla", 0)
    course = time.courses["vanilla"]
    course.advance(0, 10, 0)
    course.advance(1, 10, 30)  # 30 s a step in place of 10
    slow = "about 4 min 30 s left of the run, not counting asking (more: vanilla takes longer than expected)"
    assert time.tell(30) == slow
    assert time.tell(31).endswith("expected)")
    assert time.tell(45) == "about 4 min 15 s left of the run, not counting asking"
    time.end("vanilla", 300)
    time.begin("ask", 300)
    time.courses["ask"].advance(0, 10, 300)
    time.courses["ask"].advance(1, 10, 310)  # 90 s more, and 100 for the other
    assert time.tell(310) == "about 3 min 10 s left of the run (more: now with asking)"


def test_stages_at_once_share_the_time_and_the_longest_is_waited_for():
    """Two at once, of 100 s each and then one of 10."""
    time = planned(("a", TEACH, 100), ("b", TEACH, 100), ("c", TEACH, 10), pace={TEACH: 1.0})
    time.begin("a", 0)
    time.begin("b", 0)
    assert time.tell(0) == "about 1 min 45 s left of the run"
    time.drop("b")
    time.begin("b", 50)  # it begins again
    assert "1 min 40 s" in time.tell(50)


def test_what_was_done_before_a_kill_says_nothing_about_the_pace():
    """500 of 1,000 steps are there at once; the next 10 take 10 s. Its sibling takes twice the rest."""
    time = planned(("vanilla", TEACH, 7), ("retrained", TEACH, 7))
    time.begin("vanilla", 0)
    course = time.courses["vanilla"]
    course.advance(500, 1000, 0)
    assert course.tell(0) == ""
    course.advance(510, 1000, 10)
    assert course.tell(10) == "about 8 min 10 s left"
    assert time.tell(10) == "about 24 min 50 s left of the run"


def test_what_was_never_asked_in_this_way_is_counted_by_what_was():
    """Letters are asked of vanilla alone: 10 s of it are 10 s of each other model, until one was timed."""
    time = RemainingTime()
    others = [ExpectedStage(f"ask {name}", ASK, "tiny, fewer letters", 10) for name in ("npo", "ga")]
    time.plan([ExpectedStage("ask vanilla", ASK, "tiny", 10), *others], Pace({}))
    time.begin("ask vanilla", 0)
    time.courses["ask vanilla"].advance(0, 10, 0)
    time.courses["ask vanilla"].advance(5, 10, 5)
    assert time.tell(5) == "about 25 s left of the run"
    time.end("ask vanilla", 10)
    time.begin("ask npo", 10)
    time.end("ask npo", 16)
    assert time.tell(16) == "about 6.0 s left of the run"


def test_a_kind_is_named_as_left_out_unless_all_of_it_is_known():
    """Elsewhere it was asked in the first way alone."""
    time = RemainingTime()
    stages = [ExpectedStage("ask vanilla", ASK, "tiny", 10), ExpectedStage("ask npo", ASK, "fewer", 10)]
    time.plan(stages, Pace({(ASK, "tiny"): 1.0}))
    assert time.tell(0) == "about 10 s left of the run, not counting asking"
