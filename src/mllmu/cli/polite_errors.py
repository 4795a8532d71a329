"""How a command ends when it cannot do what was asked."""

from __future__ import annotations

import errno
import time
from typing import Any

import typer
from typer.core import TyperGroup

from mllmu.cli.console import errors, quieten_libraries, repeats_left_out
from mllmu.cli.exit_codes import INTERRUPTED, USER_ERROR
from mllmu.errors import UserError
from mllmu.processes import PeerEndedError, is_main_process

_SECONDS_TO_BE_ENDED = 10.0  # a process that ends takes some seconds to let go of its libraries
_TRAINING = "; a long training goes on from its last state when it is run again"
_STAGES = "; it goes on from its last finished stage when it is run again"
_GOES_ON = {
    "run": "; it goes on from its last finished stage, and a long training from its last state, when it is "
    "run again",
    "train": _TRAINING,
    "unlearn": _TRAINING,
    "tune": "; it goes on after its last finished trial when it is run again",
    "depth": _STAGES,
    "recoverability": _STAGES,
}


class PoliteGroup(TyperGroup):
    """Commands that report a mistake of the user in one sentence; other errors keep their traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command, and turn the user's mistakes into exit codes."""
        quieten_libraries()
        try:
            with repeats_left_out():
                return super().invoke(ctx)
        except UserError as error:
            if not is_main_process() or isinstance(error, PeerEndedError):
                # Another process says the same, or why it ended; whoever started them then ends this one.
                time.sleep(_SECONDS_TO_BE_ENDED)
            _say(str(error))
            raise typer.Exit(USER_ERROR) from None
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                name = str(error.filename)
                _say(f"{name[:60]}{'…' if len(name) > 60 else ''} is too long a name; expected a shorter one")
                raise typer.Exit(USER_ERROR) from None
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            _say(f"the disk is full: {error.filename or 'a temporary file'} could not be written")
            raise typer.Exit(USER_ERROR) from None
        except KeyboardInterrupt:
            if is_main_process():
                _say(f"stopped{_GOES_ON.get(ctx.invoked_subcommand, '')}")
            raise typer.Exit(INTERRUPTED) from None


def _say(sentence: str) -> None:
    errors.print(f"mllmu: {' '.join(sentence.split())}")
