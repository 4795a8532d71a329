"""Protects: a run in a log file tells its stages and how long they still need, on plain lines."""

import io

from rich.console import Console

from mllmu.study import BarDisplay, LineDisplay, make_display
from mllmu.study.pipeline.forecast.remaining_time import ExpectedStage
from mllmu.study.pipeline.forecast.time_estimate import Pace


def test_lines_without_a_terminal(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("mllmu.study.pipeline.execution.run_display.time.monotonic", lambda: now[0])
    text = io.StringIO()
    display = make_display(Console(file=text, force_terminal=False))
    assert isinstance(display, LineDisplay)
    with display:
        display.expect(2)
        display.skip("make people")
        display.begin("train")
        now[0] = 120.0  # 20 s for 1 of 4 steps: 60 s for the other 3
        display.advance("train", 1, 4)
        now[0] = 121.0
        display.advance("train", 2, 4)
        display.end("train")
    assert text.getvalue().splitlines() == [
        "[1/2] make people: done before",
        "[2/2] train",
        "[2/2]   1 of 4, about 1 min 0 s left",
        "[2/2] train: 21.0 s",
    ]


def test_lines_of_several_stages_at_once_say_whose_they_are(monkeypatch):
    """One of them is given up, and begins again under a number of its own."""
    now = [100.0]
    monkeypatch.setattr("mllmu.study.pipeline.execution.run_display.time.monotonic", lambda: now[0])
    text = io.StringIO()
    with LineDisplay(Console(file=text, force_terminal=False)) as display:
        display.expect(2)
        display.begin("train")
        display.begin("ask")
        now[0] = 120.0
        display.advance("train", 1, 2)
        display.drop("ask")
        display.begin("ask")
        now[0] = 130.0
        display.end("train")
        display.end("ask")
    assert text.getvalue().splitlines() == [
        "[1/2] train",
        "[2/2] ask",
        "[1/2] train: 1 of 2, about 20 s left",
        "[2/2] ask",
        "[1/2] train: 30.0 s",
        "[2/2] ask: 10.0 s",
    ]


def test_bars_in_a_terminal():
    text = io.StringIO()
    display = make_display(Console(file=text, force_terminal=True, width=100))
    assert isinstance(display, BarDisplay)
    with display:
        display.expect(1)
        display.begin("train vanilla")
        display.progress_of("train vanilla")(1, 2)
        display._progress.refresh()
        display.end("train vanilla")
    assert "train vanilla" in text.getvalue()
    assert "1/2" in text.getvalue()


def test_every_stage_at_once_has_a_bar():
    text = io.StringIO()
    with BarDisplay(Console(file=text, force_terminal=True, width=100)) as display:
        display.begin("train")
        display.begin("ask")
        display.advance("train", 1, 2)
        display.advance("ask", 3, 4)
        display._progress.refresh()
        display.end("train")
        display.drop("ask")
        display.begin("ask")
    assert "1/2" in text.getvalue() and "3/4" in text.getvalue()


def test_brackets_in_a_title_are_no_markup():
    text = io.StringIO()
    with make_display(Console(file=text, force_terminal=True, width=100)) as display:
        display.begin("ask models[/y]")
    assert "ask models[/y]" in text.getvalue()


def test_lines_tell_the_time_of_all_stages_by_what_they_cost(monkeypatch):
    """Three stages to come; one of 10 of 40 units took 20 s, and those of another kind were never timed."""
    now = [100.0]
    monkeypatch.setattr("mllmu.study.pipeline.execution.run_display.time.monotonic", lambda: now[0])
    text = io.StringIO()
    with LineDisplay(Console(file=text, force_terminal=False)) as display:
        display.expect(3)
        stages = [("small", "fine_tuning", 10.0), ("large", "fine_tuning", 30.0), ("ask", "asking", 1.0)]
        display.plan([ExpectedStage(title, kind, "", work) for title, kind, work in stages], Pace({}))
        display.begin("small")
        display.advance("small", 0, 10)
        now[0] = 120.0
        display.advance("small", 10, 10)
        display.end("small")
    assert text.getvalue().splitlines() == [
        "[1/3] small",
        "[1/3]   10 of 10, about 0.0 s left, about 1 min 0 s left of the run, not counting asking",
        "[1/3] small: 20.0 s",
    ]
