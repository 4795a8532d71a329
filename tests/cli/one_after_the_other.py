"""Several ``mllmu`` commands in one process, with a plus sign between them: torch is imported once."""

from __future__ import annotations

import sys

from mllmu.cli.main import main

if __name__ == "__main__":
    words = [*sys.argv[1:], "+"]
    while words:
        sys.argv[1:], words = words[: words.index("+")], words[words.index("+") + 1 :]
        try:
            main()
        except SystemExit as end:
            if end.code:
                raise
