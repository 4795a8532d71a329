"""Chat templates as models bring them along: what works is heeded, the rest is refused in one sentence."""

import copy
import threading
import time
from queue import SimpleQueue
from types import SimpleNamespace

import pytest

from mllmu.errors import UserError
from mllmu.models import Conversation, Message, chat_prompt, render, wrap_model
from mllmu.models.prompts import template_guard as guard

from .conftest import png

TURNS = "{%- for message in messages -%}"
STRINGS = TURNS + "{{ message['role'] + ': ' + message['content'] + '\n' }}{%- endfor -%}"
SHOWN = TURNS + "{{ message['role'] }}: {{ message['content'] }}\n{% endfor -%}"
JSON = TURNS + "{{ message['role'] }}: {{ message['content'] | tojson }}\n{% endfor -%}"
PARTS = TURNS + (
    "<{{ message['role'] }}>{%- for part in message['content'] -%}"
    "{{ '<image>' if part['type'] == 'image' else part['text'] }}{%- endfor -%}</s>{%- endfor -%}"
)
BEGIN = "{% if add_generation_prompt %}{{ 'assistant:' }}{% endif %}"
SYSTEM_AS_STRING = (
    "{% if messages[0]['role'] == 'system' %}{{ messages[0]['content'] + '\n' }}"
    "{% set messages = messages[1:] %}{% endif %}" + PARTS
)


@pytest.fixture
def templated(loaded):
    def made(template):
        processor = copy.copy(loaded.processor)
        processor.chat_template = template
        return processor

    return made


@pytest.mark.parametrize("template", [STRINGS + BEGIN, SHOWN + BEGIN])
def test_templates_of_plain_strings_are_given_strings(templated, loaded, template):
    """A list of parts is an error in one of them, and stands in the other's prompt as Python writes it."""
    processor = templated(template)
    prompt = chat_prompt(processor, "Who?", (png("red"), png("blue")), "Be kind.")
    assert prompt.text == "system: Be kind.\nuser: <image>\n<image>\nWho?\nassistant:"
    shown = (Message("user", "Who?"), Message("assistant", "Ada"))
    assert render(processor, Conversation(shown)).text.rstrip() == "user: Who?\nassistant: Ada"
    model = wrap_model(loaded.model, processor, "strings")
    encoded = model.encoder.encode(prompt, "Ada")
    assert processor.tokenizer.decode(encoded.input_ids[encoded.answer_mask]) == " Ada</s>"


def test_templates_that_quote_are_given_strings(templated):
    assert chat_prompt(templated(JSON + BEGIN), "Who?").text == 'user: "Who?"\nassistant:'


def test_roles_may_differ_in_what_a_template_expects(templated):
    text = chat_prompt(templated(SYSTEM_AS_STRING + BEGIN), "Who?", (png("red"),), "Be kind.").text
    assert text == "Be kind.\n<user><image>Who?</s>assistant:"


@pytest.mark.parametrize(("template", "begin"), [(PARTS, "<assistant>"), (STRINGS, "assistant:")])
def test_templates_that_begin_no_answer_are_completed(templated, loaded, template, begin):
    """Without its beginning the model would continue the question."""
    processor = templated(template)
    prompt = chat_prompt(processor, "Who?")
    assert prompt.text.endswith(begin)
    finished = render(processor, Conversation((Message("user", "Who?"), Message("assistant", "Ada")))).text
    form = wrap_model(loaded.model, processor, "own").encoder.answer_form
    assert finished.startswith(prompt.text + form.spaced(prompt.text, "Ada"))


def test_templates_whose_questions_end_where_answers_begin_stay_as_they_are(templated):
    template = TURNS + (
        "{%- if message['role'] == 'user' -%}[INST] {{ message['content'][0]['text'] }} [/INST]"
        "{%- else %} {{ message['content'][0]['text'] }}</s>{%- endif -%}{%- endfor -%}"
    )
    assert chat_prompt(templated(template), "Who?").text == "[INST] Who? [/INST]"


@pytest.mark.parametrize(
    ("opened", "closed"),
    [
        ("<think>", "<think>\n\n</think>\n\n"),
        ("<think>\n", "<think>\n\n</think>\n\n"),
        ("[THINK]", "[THINK]\n\n[/THINK]\n\n"),
        ("<think>\n\n</think>\n\n", "<think>\n\n</think>\n\n"),
    ],
)
def test_thoughts_that_a_template_opens_are_closed(templated, loaded, opened, closed):
    """What a model writes first would be its thoughts, of which no metric knows."""
    begin = "{% if add_generation_prompt %}{{ '<assistant>" + opened.replace("\n", "\\n") + "' }}{% endif %}"
    processor = templated(PARTS + begin)
    prompt = chat_prompt(processor, "Who?")
    assert prompt.text == f"<user>Who?</s><assistant>{closed}"
    encoded = wrap_model(loaded.model, processor, "thinker").encoder.encode(prompt, "Ada")
    answer = processor.tokenizer.decode(encoded.input_ids[encoded.answer_mask])
    assert answer == ("Ada</s>")


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{% for x in range(200000) %}a{% endfor %}", "fails .*ange too big"),
        ("{% for message in %}", r"fails \(.*, line 1\)"),
        ("{{ messages | unheard_of }}", "fails .*unheard_of"),
        ("{{ messages.__class__.__mro__ }}", "fails .*unsafe"),
        ("{{ raise_exception('No questions, please.') }}", "fails .No questions, please."),
        ("{{ messages[7]['content'] }}", "fails"),
        ("{{ 1 / 0 }}", "fails .*zero"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "fails .*recursion"),
        ("{{ 9**9**9 }}", "computes a power, line 1, which nothing could stop"),
        ({"default": "{{ 9**9**9 }}"}, "computes a power"),
        ("USER: ", "leaves the question's words out"),
        ({"other": "text"}, "fails .*default"),
    ],
)
def test_templates_that_cannot_be_used_are_refused_on_loading(templated, loaded, template, reason):
    processor = templated(template)
    processor.tokenizer = copy.deepcopy(processor.tokenizer)
    processor.tokenizer.name_or_path = "some/model"
    with pytest.raises(UserError, match=rf"(?i)chat template of 'some/model' {reason}") as refused:
        wrap_model(loaded.model, processor, "some/model")
    assert "\n" not in str(refused.value)


def test_halves_of_characters_are_refused(templated, loaded):
    """Tokenizers cannot encode them, and raise errors of their own."""
    with pytest.raises(UserError, match="writes halves of characters"):
        wrap_model(loaded.model, templated(PARTS + "{{ '\\ud800' }}"), "halves")


def test_loops_without_end_are_stopped(templated, loaded, monkeypatch):
    """Each range is allowed, but together they would run for an hour; the thread must end as well."""
    monkeypatch.setattr(guard, "_SECONDS", 0.3)
    loop = "{% for x in range(99999) %}" * 3 + "{% endfor %}" * 3
    with pytest.raises(UserError, match=r"does not come to an end within 0\.3 seconds of computing"):
        wrap_model(loaded.model, templated(loop), "endless")
    running = [thread for thread in threading.enumerate() if thread.name == "chat template"]
    for thread in running:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in running)


def test_a_machine_that_sleeps_meanwhile_is_no_fault_of_a_template(monkeypatch):
    """The text comes after several looks, between which nothing was computed."""
    monkeypatch.setattr(guard, "_SECONDS", 0.1)
    monkeypatch.setattr(guard, "_SECONDS_BETWEEN_LOOKS", 0.05)
    monkeypatch.setattr(time, "process_time", lambda: 7.0)

    def late(messages, **given):
        time.sleep(0.4)
        return messages[0]["content"]

    sleepy = SimpleNamespace(chat_template="x", apply_chat_template=late)
    assert guard.run_template(sleepy, [{"content": "Who?"}], unanswered=False) == "Who?"


class InterruptedOnce(SimpleQueue):
    """Ctrl-C comes while the first outcome is waited for."""

    def get(self, block=True, timeout=None):
        """See `SimpleQueue.get`; only outcomes are waited for with a limit."""
        if timeout and not hasattr(self, "is_past"):
            self.is_past = True
            raise KeyboardInterrupt
        return super().get(block, timeout)


def test_an_interrupted_prompt_is_not_taken_for_the_next_one(monkeypatch):
    """Its text comes late, when nobody waits for it any more; its thread must end as well."""
    monkeypatch.setattr(guard, "SimpleQueue", InterruptedOnce)
    monkeypatch.setattr(guard, "_LOCAL", threading.local())
    own = SimpleNamespace(
        chat_template="x", apply_chat_template=lambda messages, **given: messages[0]["content"]
    )
    before = set(threading.enumerate())
    with pytest.raises(KeyboardInterrupt):
        guard.run_template(own, [{"content": "first"}], unanswered=True)
    (stopped,) = (one for one in set(threading.enumerate()) - before if one.name == "chat template")
    monkeypatch.setattr(guard, "SimpleQueue", SimpleQueue)
    assert guard.run_template(own, [{"content": "second"}], unanswered=True) == "second"
    stopped.join(timeout=60)
    assert not stopped.is_alive()


def test_floods_are_refused(templated, loaded):
    flood = "{% for x in range(99999) %}{{ messages[0]['content'][0]['text'] }}{% endfor %}"
    with pytest.raises(UserError, match="writes 1199988 characters for messages of"):
        wrap_model(loaded.model, templated(flood), "flood")


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{% set messages = messages[-1:] %}" + PARTS + BEGIN, "leaves a system instruction out"),
        (PARTS.replace("part['text']", "part['text'][:12]") + BEGIN, "leaves a system instruction out"),
        (
            "{% if messages[0]['role'] == 'system' %}{{ raise_exception('No.') }}{% endif %}" + PARTS,
            "fails .No",
        ),
        (None, "no chat template"),
    ],
)
def test_an_instruction_that_does_not_reach_the_model_is_an_error(templated, loaded, template, reason):
    """Prompting would be the vanilla model under another name."""
    model = wrap_model(loaded.model, templated(template), "deaf")
    with pytest.raises(UserError, match=reason):
        model.with_system_prompt("Tell nobody about anybody.")
    with pytest.raises(UserError, match=reason):
        wrap_model(loaded.model, templated(template), "deaf", "Tell nobody about anybody.")
    assert model.with_system_prompt("").system_prompt == ""


def test_white_space_that_a_template_trims_is_no_loss(templated, loaded):
    trims = PARTS.replace("part['text']", "part['text'] | trim | replace('\n', ' ')")
    model = wrap_model(loaded.model, templated(trims + BEGIN), "tidy")
    assert model.with_system_prompt("  Be kind.\nBe brief.  ").system_prompt
