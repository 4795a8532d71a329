"""Whatever this package loads, with its adapters and wrappers, as a model of lmms-eval."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lmms_eval.api.model import lmms
from rich.console import Console

from mllmu.bridges.lmms_eval.lmms_conversations import cut_at, to_conversation
from mllmu.errors import UserError
from mllmu.inference import Limits, Request, TransformersEngine
from mllmu.models import load_model
from mllmu.models.prompts.plain_text import special_tokens
from mllmu.study import make_display

_LOG = logging.getLogger(__name__)
# As other models of lmms-eval have it where a task does not say.
_MAX_NEW_TOKENS = 1024


class LmmsEvalModel(lmms):
    """Answers greedily, by the same engine that asks everything else here.

    Args:
        pretrained: ``tiny``, a folder, or a hub id.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N`` or ``all``.
        batch_size: at most how many questions at a time; ``auto`` leaves it to the engine.
        max_batch_size: at most how many, where that is left to the engine.

    Raises:
        UserError: there is no such model or device, or the batch size is none.
    """

    is_simple = False

    def __init__(
        self,
        pretrained: str = "tiny",
        device: str | None = None,
        batch_size: int | str | None = None,
        max_batch_size: int | None = None,
    ) -> None:
        super().__init__()
        loaded = load_model(str(pretrained), device or "auto")
        limits, rows = Limits.of(loaded), _rows(batch_size, max_batch_size)
        self._engine = TransformersEngine(loaded, replace(limits, batch_rows=rows) if rows else limits)
        self._control = special_tokens(loaded.processor, len(loaded.processor.tokenizer))
        self._title = f"ask {pretrained}"

    def generate_until(self, requests: Sequence[Any]) -> list[str]:
        """Answers to requests, whose ``args`` are context, messages' maker, settings, document and task.

        Raises:
            UserError: a task shows something else than images.
        """
        asked, ends, drawn = [], [], set()
        for _, to_messages, settings, document, task, split in (request.args for request in requests):
            if settings.get("do_sample") or settings.get("temperature"):
                drawn.add(task)
            conversation = to_conversation(to_messages(self.task_dict[task][split][document]), self._control)
            most = int(settings.get("max_new_tokens") or _MAX_NEW_TOKENS)
            asked.append(Request(conversation, max_new_tokens=most))
            until = settings.get("until") or []
            ends.append([until] if isinstance(until, str) else until)
        for task in sorted(drawn):
            _LOG.warning("Task %s asks for drawn answers; they are the likeliest ones here.", task)
        with make_display(Console(stderr=True)) as display:
            display.expect(1)
            display.begin(self._title)
            answers = self._engine.generate(asked, progress=display.progress_of(self._title))
            display.end(self._title)
        return [cut_at(answer, end) for answer, end in zip(answers, ends, strict=True)]

    def loglikelihood(self, requests: Sequence[Any]) -> list[tuple[float, bool]]:
        """Not asked of models that take messages, and so of none here.

        Raises:
            UserError: always.
        """
        raise _unasked("likelihoods")

    def generate_until_multi_round(self, requests: Sequence[Any]) -> list[str]:
        """Not supported.

        Raises:
            UserError: always.
        """
        raise _unasked("answers in several rounds")


def _rows(batch_size: int | str | None, max_batch_size: int | None) -> int | None:
    """How many questions at a time; None leaves it to the engine."""
    said = str(batch_size or "auto")
    if said.startswith("auto"):
        return max_batch_size
    if not said.isdecimal() or int(said) < 1:
        raise UserError(f"The batch size is '{said}'; expected auto or a number of questions from 1.")
    return int(said)


def _unasked(what: str) -> UserError:
    return UserError(f"A task asks for {what}; expected one of output type generate_until.")
