"""Entry point of the ``mllmu`` command; imports nothing heavy before Ctrl-C is handled."""

from __future__ import annotations

import _thread
import io
import sys
import threading
from typing import Any

from mllmu.cli.exit_codes import INTERRUPTED
from mllmu.cli.library_limits import limit_libraries


def main() -> None:
    """Run the command line with the arguments of this process.

    Raises:
        SystemExit: always; 0 after success, 1 or 2 after a mistake, 130 after Ctrl-C.
    """
    sys.unraisablehook = _interrupt_again
    # Where no UTF-8 is spoken, a dash of a table would end a long run; stderr writes such signs as escapes.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    limit_libraries()
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
