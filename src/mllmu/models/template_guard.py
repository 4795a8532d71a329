"""Runs a model's chat template, which is a foreign program, and says in one sentence what goes wrong."""

from __future__ import annotations

import ctypes
import threading
from typing import Any

from mllmu.errors import UserError

# Real templates take milliseconds and write little more than they are given.
_SECONDS = 10.0
_CHARACTERS = 2**20


def run_template(processor: Any, messages: list[dict[str, Any]], unanswered: bool) -> str:
    """The text that a processor's chat template writes for messages.

    Args:
        processor: a Hugging Face processor that carries a chat template.
        messages: the turns, in the form that the template expects.
        unanswered: whether the template is asked to begin an answer.

    Raises:
        UserError: if the template fails, refuses the messages, or does not come to an end.
    """
    # In a thread of its own: a loop without end can be stopped there, on every system.
    run = _Run(processor, messages, unanswered)
    run.start()
    run.join(_SECONDS)
    if run.is_alive():
        run.stop()
        raise template_error(processor, f"does not come to an end within {_SECONDS:g} seconds")
    if run.failure is not None:
        raise template_error(processor, f"fails ({_reason(run.failure)})") from run.failure
    given = sum(len(str(message)) for message in messages)
    if len(run.text) > _CHARACTERS + 10 * given:
        raise template_error(processor, f"writes {len(run.text)} characters for messages of {given}")
    return run.text


def template_error(
    processor: Any, fault: str, expected: str = "one that writes a question and begins an answer"
) -> UserError:
    """An error that names the model and says what its chat template does.

    Args:
        processor: a Hugging Face processor that carries a chat template.
        fault: what the template does, beginning with a verb.
        expected: what a template would be that serves.
    """
    name = getattr(processor.tokenizer, "name_or_path", "")
    owner = f"The chat template of '{name}'" if name else "The model's chat template"
    return UserError(f"{owner} {fault}; expected {expected} (chat_template.jinja in the model's folder).")


class _Run(threading.Thread):
    """One run of a chat template; it is a daemon, so that it keeps no process alive."""

    def __init__(self, processor: Any, messages: list[dict[str, Any]], unanswered: bool) -> None:
        super().__init__(name="chat template", daemon=True)
        self._processor, self._messages, self._unanswered = processor, messages, unanswered
        self.text = ""
        self.failure: Exception | None = None

    def run(self) -> None:
        """Render, and keep the text or the error."""
        try:
            self.text = self._processor.apply_chat_template(
                self._messages, add_generation_prompt=self._unanswered, tokenize=False
            )
        # Whatever a template raises, of jinja's or of Python's errors, is its own fault.
        except Exception as failure:
            self.failure = failure

    def stop(self) -> None:
        """Raise an error in the thread at its next instruction."""
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(self.ident or 0), ctypes.py_object(TimeoutError)
        )


def _reason(failure: Exception) -> str:
    """The first line of an error, and the line of the template if the error knows it."""
    lines = str(failure).strip().splitlines()
    line = getattr(failure, "lineno", None)
    return (lines[0] if lines else type(failure).__name__) + (f", line {line}" if line else "")
