"""What a chat template expects and leaves out, found out by rendering trials with it."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from mllmu.errors import UserError
from mllmu.models.prompts.conversations import Message
from mllmu.models.prompts.template_guard import run_template, template_error, template_text
from mllmu.models.prompts.thoughts import THOUGHTS

_LOG = logging.getLogger(__name__)
_QUESTION, _ANSWER, _INSTRUCTION = "Who is this?", "Ada Miller", "Be kind."
# How Python and JSON write a list of parts that a template takes for a string.
_PARTS = re.compile(r"""['"]type['"]\s*:\s*['"]text['"]""")


@dataclass(frozen=True)
class TemplateForm:
    """How messages are given to one chat template, and what is added to the prompts it writes.

    Attributes:
        plain: roles whose words the template expects as a string instead of as a list of parts.
        begins: what begins an answer, of a template that begins none itself; else empty.
    """

    plain: frozenset[str] = frozenset()
    begins: str = ""

    def run(self, processor: Any, messages: Sequence[Message], unanswered: bool) -> str:
        """The text that the template writes for messages; see `run_template` for errors."""
        placeholder = getattr(processor, "image_token", None) or "<image>"
        given = [
            {"role": message.role, "content": _content(message, message.role in self.plain, placeholder)}
            for message in messages
        ]
        text = run_template(processor, given, unanswered)
        return _with_thoughts_closed(text + self.begins) if unanswered else text


_FORMS: WeakKeyDictionary[Any, tuple[object, TemplateForm]] = WeakKeyDictionary()


def template_form(processor: Any) -> TemplateForm:
    """The form of a processor's chat template, tried once.

    Raises:
        UserError: if the template fails for a single question, or leaves its words out.
    """
    template, form = _FORMS.get(processor, (None, TemplateForm()))
    if template != processor.chat_template:
        form = _tried(processor)
        _FORMS[processor] = processor.chat_template, form
    return form


def _tried(processor: Any) -> TemplateForm:
    """Try a question, then an answer and an instruction beside it, as parts and as strings."""
    question, answer = Message("user", _QUESTION), Message("assistant", _ANSWER)
    instruction = Message("system", _INSTRUCTION)
    plain: set[str] = set()
    for turns, role, text in (
        ((question,), "user", _QUESTION),
        ((question, answer), "assistant", _ANSWER),
        ((instruction, question), "system", _INSTRUCTION),
    ):
        as_parts = TemplateForm(frozenset(plain))
        as_strings = TemplateForm(frozenset({*plain, role}))
        if _writes(processor, as_parts, turns, text):
            continue
        if _writes(processor, as_strings, turns, text):
            plain.add(role)
        elif role == "user":
            as_parts.run(processor, turns, False)
            raise template_error(processor, "leaves the question's words out")
    template = template_text(processor)
    if "strftime_now" in template and "date_string" not in template:
        _LOG.warning(
            "The model's chat template writes the day on which it is asked; who is asked on different days "
            "answers different prompts."
        )
    form = TemplateForm(frozenset(plain))
    return TemplateForm(form.plain, _beginning(processor, form, (question,), answer))


def _writes(processor: Any, form: TemplateForm, turns: Sequence[Message], text: str) -> bool:
    """Whether the template writes a text of the turns as it is, and not as a list of parts."""
    try:
        written = form.run(processor, turns, False)
    except UserError:
        return False
    return text in written and not _PARTS.search(written)


def _beginning(processor: Any, form: TemplateForm, asked: tuple[Message, ...], answer: Message) -> str:
    """What stands between question and answer in a template that does not begin one when asked to.

    So do templates that heed no such request, and those that write an empty thought before every answer, but
    not at the end of a prompt. A space before an answer belongs to the answer, not to its beginning.
    """
    begun = form.run(processor, asked, True)
    try:
        whole = form.run(processor, (*asked, answer), False)
    except UserError:
        return ""
    between, answered, _ = whole.removeprefix(begun).partition(answer.text)
    if not whole.startswith(begun) or not answered:
        return ""
    is_heeded = begun != form.run(processor, asked, False)
    return "" if is_heeded and not _is_empty_thought(between) else between.rstrip(" ")


def _is_empty_thought(text: str) -> bool:
    return any("".join(text.split()) == start + end for start, end in THOUGHTS)


def _content(message: Message, plain: bool, placeholder: str) -> Any:
    """A message's images and words, images first, as a list of parts or as a string."""
    if plain:
        return "".join(f"{placeholder}\n" for _ in message.images) + message.text
    return [*({"type": "image"} for _ in message.images), {"type": "text", "text": message.text}]


def _with_thoughts_closed(prompt: str) -> str:
    """A prompt in which thoughts that it opens are closed, since an answer is asked for and no thoughts."""
    opened = prompt.rstrip()
    for start, end in THOUGHTS:
        if opened.endswith(start):
            return f"{opened}\n\n{end}\n\n"
    return prompt
