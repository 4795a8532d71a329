"""Consoles for the commands' output, and silencing of the libraries' own output."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from mllmu.visible_text import visible

_WIDTH_OF_FILES = 160  # what goes to a file or another program, which has no width of its own


class VisibleText(Text):
    """Text from outside; control and bidi characters are escaped before its width is measured."""

    def __init__(self, text: str = "", *arguments: Any, **options: Any) -> None:
        super().__init__(visible(text), *arguments, **options)


class VisibleConsole(Console):
    """A console that lets no text steer the terminal: whatever is printed, such characters are escaped."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """See `Console.render`."""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(visible(segment.text), segment.style)


# With several processes (torchrun) only the first one prints, so that results appear once.
# Names and answers are somebody else's words, whose brackets are no markup and whose colons no emoji.
output = VisibleConsole(
    width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else _WIDTH_OF_FILES,
    soft_wrap=False,
    quiet=os.environ.get("RANK", "0") != "0",
    markup=False,
    emoji=False,
)
errors = VisibleConsole(stderr=True, soft_wrap=True, highlight=False, markup=False, emoji=False)


def quieten_libraries() -> None:
    """Keep libraries' own progress bars, advice and warnings away; has to come before they are imported."""
    os.environ.setdefault("TQDM_DISABLE", "1")  # weight loading, downloads, tokenization
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    warnings.filterwarnings("ignore")
    logging.getLogger("absl").setLevel(logging.ERROR)


@contextmanager
def repeats_left_out() -> Iterator[None]:
    """Say a warning once, though it is given again, as of the next model; programs' own handlers get all."""
    said: set[str] = set()

    def is_new(record: logging.LogRecord) -> bool:
        text = record.getMessage()
        is_first = text not in said
        said.add(text)
        return is_first

    handler = logging.lastResort
    if handler is not None:
        handler.addFilter(is_new)
    try:
        yield
    finally:
        if handler is not None:
            handler.removeFilter(is_new)


def prepare_libraries() -> None:
    """Give torch every core this process may use, unless the user set a number; keep transformers quiet."""
    import torch
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()
    if "OMP_NUM_THREADS" not in os.environ:
        available = getattr(os, "sched_getaffinity", None)
        torch.set_num_threads(len(available(0)) if available else os.cpu_count() or 1)


def print_warning(text: str) -> None:
    """Print what a reader has to hear before the numbers."""
    output.print(f"Warning: {text.strip()}", style="yellow", highlight=False, soft_wrap=True)


def print_location(what: str, path: object) -> None:
    """Print the one line that says where a command's result is."""
    output.print(f"{what}: {path}", highlight=False, soft_wrap=True)
