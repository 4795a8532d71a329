"""``mllmu`` in several processes, of which the second cannot go on in the middle of a training."""

from __future__ import annotations

from typing import Any

from mllmu.cli.main import main
from mllmu.errors import UserError
from mllmu.processes import process_rank
from mllmu.training import AnswerTrainer

if __name__ == "__main__":
    whole = AnswerTrainer.compute_loss

    def compute_loss(self: Any, *arguments: Any, **options: Any) -> Any:
        """The loss, as long as it goes well."""
        if process_rank() == 1 and self.state.global_step == 1:
            raise UserError("The second of the processes cannot go on.")
        return whole(self, *arguments, **options)

    AnswerTrainer.compute_loss = compute_loss  # type: ignore[method-assign]
    main()
