"""Runs a model's chat template, which is a foreign program, and says in one sentence what goes wrong."""

from __future__ import annotations

import ctypes
import threading
import time
from queue import Empty, SimpleQueue
from typing import Any

from mllmu.errors import UserError
from mllmu.models.prompts.template_check import unstoppable

# Real templates take milliseconds and write little more than they are given. What counts is time of the
# processor: a laptop that slept, or a busy machine, is no fault of a template.
_SECONDS = 10.0
_SECONDS_BETWEEN_LOOKS = 0.5
# Templates that write the date (Llama 3.2's) would word the same question otherwise every day. This is the
# day that they name where no clock is at hand.
_DATE = "26 Jul 2024"
_CHARACTERS = 2**20


def template_text(processor: Any) -> str:
    """A processor's chat template; of several named ones the one that is run. Empty where there is none."""
    template = processor.chat_template
    template = template.get("default") if isinstance(template, dict) else template
    return template if isinstance(template, str) else ""


def run_template(processor: Any, messages: list[dict[str, Any]], unanswered: bool) -> str:
    """The text that a processor's chat template writes for messages.

    Args:
        processor: a Hugging Face processor that carries a chat template.
        messages: the turns, in the form that the template expects.
        unanswered: whether the template is asked to begin an answer.

    Raises:
        UserError: if the template fails, refuses the messages, or does not come to an end, or has steps that
            could not be stopped.
    """
    if fault := unstoppable(template_text(processor)):
        raise template_error(processor, f"{fault}, which nothing could stop")
    text = _in_time(processor, messages, unanswered)
    if not _is_text(text):
        raise template_error(processor, "writes halves of characters (surrogates)")
    given = sum(len(str(message)) for message in messages)
    if len(text) > _CHARACTERS + 10 * given:
        raise template_error(processor, f"writes {len(text)} characters for messages of {given}")
    return text


def _is_text(text: str) -> bool:
    """Whether a text can be encoded, as tokenizers need it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


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


def _named(processor: Any) -> dict[str, str]:
    """What a template is told by name, if it asks for it; a processor takes no other names."""
    return {"date_string": _DATE} if "date_string" in str(processor.chat_template) else {}


class _Renderer(threading.Thread):
    """Renders one prompt after another; it is a daemon, so that it keeps no process alive.

    A thread for each prompt would cost more than most templates.
    """

    def __init__(self) -> None:
        super().__init__(name="chat template", daemon=True)
        self.tasks: SimpleQueue[tuple[Any, list[dict[str, Any]], bool]] = SimpleQueue()
        self.outcomes: SimpleQueue[str | Exception] = SimpleQueue()
        self._is_stopped = False

    def run(self) -> None:
        """Put out the text or the error of every task, until one is stopped."""
        while not self._is_stopped:
            try:
                processor, messages, unanswered = self.tasks.get()
                text: str = processor.apply_chat_template(
                    messages, add_generation_prompt=unanswered, tokenize=False, **_named(processor)
                )
                self.outcomes.put(text)
            # Whatever a template raises, of jinja's or of Python's errors, is its own fault.
            except Exception as failure:
                self.outcomes.put(failure)

    def stop(self) -> None:
        """Raise an error in the thread at its next instruction, and let it end, also where it only waits."""
        self._is_stopped = True
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(self.ident or 0), ctypes.py_object(TimeoutError)
        )
        self.tasks.put((None, [], False))  # what waits for a task comes to no instruction before there is one


_LOCAL = threading.local()


def _in_time(processor: Any, messages: list[dict[str, Any]], unanswered: bool) -> str:
    """What the template writes, run where a loop without end can be stopped on every system."""
    renderer: _Renderer | None = getattr(_LOCAL, "renderer", None)
    if renderer is None or not renderer.is_alive():  # it does not live on in a process that was forked
        renderer = _LOCAL.renderer = _Renderer()
        renderer.start()
    try:
        renderer.tasks.put((processor, messages, unanswered))
        outcome = _awaited(renderer)
    except BaseException as stopped:  # also after Ctrl-C its late text would be taken for the next prompt
        _LOCAL.renderer = None
        renderer.stop()
        if isinstance(stopped, Empty):
            fault = f"does not come to an end within {_SECONDS:g} seconds of computing"
            raise template_error(processor, fault) from None
        raise
    if isinstance(outcome, Exception):
        raise template_error(processor, f"fails ({_reason(outcome)})") from outcome
    return outcome


def _awaited(renderer: _Renderer) -> str | Exception:
    """The outcome of a task; raises `Empty` when it takes too long, and we compute as long."""
    begun = time.monotonic(), time.process_time()
    while True:
        try:
            return renderer.outcomes.get(timeout=_SECONDS_BETWEEN_LOOKS)
        except Empty:
            # Threads that compute besides, many of them, may take seconds of the processor in no time.
            if min(time.monotonic() - begun[0], time.process_time() - begun[1]) >= _SECONDS:
                raise


def _reason(failure: Exception) -> str:
    """The first line of an error, and the line of the template if the error knows it."""
    lines = str(failure).strip().splitlines()
    line = getattr(failure, "lineno", None)
    return (lines[0] if lines else type(failure).__name__) + (f", line {line}" if line else "")
