"""The prompts that a model's chat template renders conversations to."""

from __future__ import annotations

from typing import Any

from mllmu.errors import UserError
from mllmu.models.prompts.conversations import Conversation, Message, Prompt, user_turn
from mllmu.models.prompts.plain_text import require_plain
from mllmu.models.prompts.template_form import template_form
from mllmu.models.prompts.template_guard import template_error
from mllmu.visible_text import brief


def render(processor: Any, conversation: Conversation, system: str = "") -> Prompt:
    """Render a conversation with the processor's chat template.

    Templates of plain strings are given such; what begins an answer is added where the template does not
    write it; and thoughts that the template opens are closed.

    Args:
        processor: a Hugging Face processor that carries a chat template.
        conversation: the messages.
        system: a system instruction before the first message; empty for none.

    Raises:
        UserError: if the processor has no chat template, or it fails, or it leaves the instruction, the
            question or a turn before it out, or a message holds a control token of the model.
    """
    if not processor.chat_template:
        raise UserError(
            "The model's processor has no chat template; expected a chat_template.jinja in its folder."
        )
    require_plain(processor, system, "system instruction")
    for message in conversation.messages:
        require_plain(processor, message.text, "answer" if message.role == "assistant" else "question")
    turns = ((Message("system", system),) if system else ()) + conversation.messages
    unanswered = turns[-1].role != "assistant"
    text = template_form(processor).run(processor, turns, unanswered)
    written = _folded(text)
    if system and _folded(system) not in written:
        raise template_error(
            processor,
            "leaves a system instruction out of its prompts",
            "one that writes the system's turn, or a method without an instruction",
        )
    if unanswered and _folded(turns[-1].text) not in written:  # as some do that write text alone, or pictures
        raise template_error(processor, f"leaves the question {brief(turns[-1].text)} out of its prompt")
    shown = conversation.messages[:-1] if unanswered else ()
    lost = next((message.text for message in shown if _folded(message.text) not in written), None)
    if lost is not None:
        raise template_error(
            processor,
            f"leaves {brief(lost)} out of a conversation",
            "one that writes every turn, or a method or protocol without examples",
        )
    return Prompt(text=text, images=conversation.images)


def chat_prompt(processor: Any, question: str, images: tuple[bytes, ...] = (), system: str = "") -> Prompt:
    r"""Render one user message, images before the question; arguments and errors are those of `render`.

    Example:
        ::

            chat_prompt(load_model("tiny", "cpu").processor, "Who is this?").text
            # 'USER: Who is this?\nASSISTANT:'
    """
    return render(processor, user_turn(question, images), system)


def _folded(text: str) -> str:
    """Words with a blank between them, since templates change the white space."""
    return " ".join(text.split())
