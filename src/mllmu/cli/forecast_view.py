"""How a run to come is shown: its stages, which are done, how long others may take, and how much memory."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.console import Group
from rich.table import Table

from mllmu.memory_sizes import size_in_words
from mllmu.report.findings.finding import counted
from mllmu.report.provenance import duration
from mllmu.study import Forecast


def forecast_table(stages: Sequence[Forecast], workers: int = 1) -> Group:
    """Every stage with its state, and one line that sums them up.

    Args:
        stages: in the order in which they would be done.
        workers: how many of them would be made at once.
    """
    table = Table("stage", "state", "time", "memory", box=None, pad_edge=False)
    for stage in stages:
        state = ("done", "") if stage.is_done else ("to do", _time(stage.seconds))
        table.add_row(stage.title, *state, _memory(stage.memory))
    precisions = dict.fromkeys(stage.precision for stage in stages if stage.precision)
    learns = [f"What is trained: {precision}." for precision in precisions]
    return Group(table, "", *learns, _summary(stages, workers))


def _memory(size: float | None) -> str:
    """The least that asking takes, and the peak of everything else, in words."""
    return "" if size is None else f"about {size_in_words(size)}"


def _time(seconds: float | None) -> str:
    return "not known" if seconds is None else f"about {duration(seconds)}"


def _summary(stages: Sequence[Forecast], workers: int) -> str:
    to_do = [stage for stage in stages if not stage.is_done]
    text = f"{counted(len(stages), 'stage')} at most, {len(stages) - len(to_do)} done, {len(to_do)} to do"
    seconds = [stage.seconds for stage in to_do if stage.seconds is not None]
    if seconds:
        at_once = min(workers, len(to_do))
        text += f" in about {duration(max(max(seconds), sum(seconds) / at_once))}"
        if at_once > 1:
            text += f" by {at_once} workers"
    unknown = sorted(stage.kind for stage in to_do if stage.seconds is None)
    if not unknown:
        return f"{text}."
    kinds = ", ".join(f"{len(list(same))} {kind.replace('_', ' ')}" for kind, same in groupby(unknown))
    return f"{text}; no time is known of {kinds}, as no such stage was measured beside this folder yet."
