"""Several ``mllmu`` commands in one process, with a plus sign between them: torch is imported once.

What stands in capitals before a command are environment variables, as NAME=value. With SECOND_FAILS=true the
second of several processes cannot go on in the middle of a training.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from mllmu.cli.main import main
from mllmu.errors import UserError
from mllmu.processes import process_rank
from mllmu.training import AnswerTrainer

_whole = AnswerTrainer.compute_loss


def _failing(self: Any, *arguments: Any, **options: Any) -> Any:
    """The loss, as long as it goes well."""
    if os.environ.get("SECOND_FAILS") and process_rank() == 1 and self.state.global_step == 1:
        raise UserError("The second of the processes cannot go on.")
    return _whole(self, *arguments, **options)


if __name__ == "__main__":
    AnswerTrainer.compute_loss = _failing  # type: ignore[method-assign]
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
