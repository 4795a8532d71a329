"""Several ``mllmu`` commands in one process, with a plus sign between them: torch is imported once.

What stands in capitals before a command are environment variables, as NAME=value.
"""

from __future__ import annotations

import os
import sys

from mllmu.cli.main import main

if __name__ == "__main__":
    words = [*sys.argv[1:], "+"]
    while words:
        sys.argv[1:], words = words[: words.index("+")], words[words.index("+") + 1 :]
        while sys.argv[1].partition("=")[0].isupper():
            name, _, value = sys.argv.pop(1).partition("=")
            os.environ[name] = value
        try:
            main()
        except SystemExit as end:
            if end.code:
                raise
