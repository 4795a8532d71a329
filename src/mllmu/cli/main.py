"""Entry point of the ``mllmu`` command; imports nothing heavy before Ctrl-C is handled."""

from __future__ import annotations

import _thread
import io
import os
import sys
import threading
from typing import Any

from mllmu.cli.exit_codes import INTERRUPTED


def main() -> None:
    """Run the command line with the arguments of this process.

    Raises:
        SystemExit: always; 0 after success, 1 or 2 after a mistake, 130 after Ctrl-C.
    """
    sys.unraisablehook = _interrupt_again
    # Where no UTF-8 is spoken, a dash of a table would end a long run; stderr writes such signs as escapes.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    # Before torch is imported, which reads it once. A thread that waits for another one spins so many rounds
    # and then sleeps; by default it spins for milliseconds, for which a busy machine has no core.
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    # For how many shapes of products oneDNN keeps code. In trainings every batch has its own: the default of
    # 1024 holds a gigabyte of it after some hundred steps, and is no faster.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "128")
    try:
        from mllmu.cli.application import app

        app()
    except KeyboardInterrupt:
        sys.stderr.write("mllmu: stopped\n")
        sys.exit(INTERRUPTED)


def _interrupt_again(unraisable: Any) -> None:
    """Repeat a Ctrl-C that arrived in a callback, where Python would print a traceback and go on."""
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        # From a thread and a little later, or the interrupt would be raised, and lost, in this hook.
        repeat = threading.Timer(0.05, _thread.interrupt_main)
        repeat.daemon = True
        repeat.start()
    else:
        sys.__unraisablehook__(unraisable)


if __name__ == "__main__":
    main()
