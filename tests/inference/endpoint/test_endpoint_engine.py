"""Protects: a model behind a server gives the answers that the same model gives in memory."""

import contextlib
import io
import subprocess
import sys
import threading
from dataclasses import replace

import pytest
from PIL import Image

from mllmu.errors import UserError
from mllmu.inference import AnswerStore, CachedEngine, Request, TransformersEngine
from mllmu.inference.endpoint import EndpointEngine, connect
from mllmu.inference.partial_answers import InterruptedAnswers
from mllmu.models import Message, Prompt, save_model, user_turn
from mllmu.models.wrappers import ShownExamples
from tests.inference.conftest import picture


def test_it_writes_what_the_model_writes_in_memory(loaded, engine, spoken):
    expected = TransformersEngine(loaded).generate(spoken)
    assert len(set(expected)) > 3
    assert engine.generate(spoken) == expected


def test_it_scores_as_the_model_does_in_memory(loaded, engine, spoken):
    """Log-probabilities, argmax and end token; the answer is found behind prompts of every length."""
    assert engine.can_score
    for scores, wanted in zip(engine.score(spoken), TransformersEngine(loaded).score(spoken), strict=True):
        assert scores.log_probs == pytest.approx(wanted.log_probs, abs=1e-4)
        assert (scores.is_argmax, scores.argmax) == (wanted.is_argmax, wanted.argmax)


def test_what_the_template_puts_after_the_end_token_is_not_scored(loaded, engine, spoken, monkeypatch):
    """Qwen's template ends a turn with a line break after the end token."""
    longer = loaded.processor.chat_template.replace("'</s>'", "'</s>\n'")
    assert longer != loaded.processor.chat_template
    expected = TransformersEngine(loaded).score(spoken[:2])
    monkeypatch.setattr(loaded.processor, "chat_template", longer)
    for scores, wanted in zip(engine.score(spoken[:2]), expected, strict=True):
        assert scores.log_probs == pytest.approx(wanted.log_probs, abs=1e-4)


def test_a_thought_before_the_answer_is_not_scored_as_the_answer(loaded, engine, spoken, monkeypatch, caplog):
    """As Qwen3's template writes it, and only where there is an answer."""
    template = loaded.processor.chat_template
    thoughtful = template.replace("'</s>'", "'</s>'").replace("ASSISTANT:", "ASSISTANT:")
    before = "{%- if message['role'] == 'assistant' -%}{{ '<think>\n\n</think>\n\n' }}{%- endif -%}"
    thoughtful = thoughtful.replace("{%- for part in", before + "{%- for part in", 1)
    assert thoughtful != template
    monkeypatch.setattr(loaded.processor, "chat_template", thoughtful)
    assert not engine.can_score
    assert "<think>" in caplog.text and "no likelihood can be told" in caplog.text


def test_without_an_end_token_only_writing_is_left(loaded, engine, spoken, monkeypatch, caplog):
    """Some templates end an answer with nothing that could be scored."""
    endless = loaded.processor.chat_template.replace("'</s>'", "''")
    monkeypatch.setattr(loaded.processor, "chat_template", endless)
    assert not engine.can_score
    assert "no end token" in caplog.text
    with pytest.raises(UserError, match="template with an end token"):
        engine.score(spoken)


def test_a_system_instruction_comes_first(loaded, server):
    question = Request(user_turn("this person lives in", (picture(0),)), "Riga", 6)
    instructed = EndpointEngine(connect(server.url), system_prompt="works as nurse in Paris")
    in_memory = TransformersEngine(loaded.with_system_prompt("works as nurse in Paris"))
    assert instructed.generate([question]) == in_memory.generate([question])
    assert instructed.score([question])[0].log_probs == pytest.approx(
        in_memory.score([question])[0].log_probs, abs=1e-4
    )
    assert instructed.render(question.prompt).text.startswith(
        '{"role": "system", "text": "works as nurse in Paris"}'
    )


@pytest.mark.parametrize("kind", ["refused", "ignored"])
def test_a_server_without_log_probabilities_says_what_cannot_be_had(server, engine, spoken, kind):
    """`transformers serve` refuses to be asked for them, others overlook it."""
    server.scores = kind
    assert not engine.can_score
    with pytest.raises(UserError, match=r"prompt_logprobs.*likelihood"):
        engine.score(spoken)
    assert all(isinstance(text, str) for text in engine.generate(spoken[:2]))


def test_requests_are_in_flight_together_and_not_more_than_allowed(server, spoken):
    one_by_one = EndpointEngine(connect(server.url), concurrency=1)
    expected = one_by_one.generate(spoken)
    assert server.most == 1
    server.delay = 0.05
    assert EndpointEngine(connect(server.url), concurrency=4).generate(spoken) == expected
    assert 1 < server.most <= 4


def test_progress_counts_every_request_once(engine, spoken):
    calls = []
    engine.score(spoken, lambda done, total: calls.append((done, total)))
    assert calls == [(done, len(spoken)) for done in range(1, len(spoken) + 1)]


def test_an_interrupt_waits_for_no_request(engine):
    """That of a busy server may take minutes."""
    answered, answers = threading.Event(), []

    def work(item):
        if item:
            answered.wait(5)
            answers.append(item)

    def interrupted(done, total):
        raise KeyboardInterrupt

    with pytest.raises(InterruptedAnswers) as stopped:
        engine._in_parallel([0, 1], work, interrupted)
    assert answers == [] and set(stopped.value.answers) == {0}
    answered.set()


def test_a_process_that_is_stopped_does_not_outlive_its_requests(tmp_path):
    """Python waits at its end for the calls of pools of its own."""
    code = "from time import sleep; from mllmu.inference.endpoint.daemon_threads import begin_calls; "
    code += "begin_calls(sleep, [600.0], 4); raise KeyboardInterrupt"
    ended = subprocess.run([sys.executable, "-c", code], timeout=60, capture_output=True, check=False)
    assert ended.returncode != 0


def test_what_was_answered_before_an_interrupt_is_kept(engine, spoken, tmp_path, monkeypatch):
    """An answer that was written costs money; the others are asked for the next time."""
    store = AnswerStore(tmp_path / "answers.sqlite")

    calls = []

    def interrupted(done, total):
        calls.append(done)
        if len(calls) == 2:  # first it tells how many lie in the store
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        CachedEngine(engine, store).generate(spoken, None, interrupted)
    asked = []
    monkeypatch.setattr(EndpointEngine, "generate", lambda self, requests, *_: asked.append(len(requests)))
    with contextlib.suppress(TypeError):  # nothing is answered
        CachedEngine(engine, store).generate(spoken)
    assert asked and asked[0] < len(dict.fromkeys(spoken))


def test_text_of_a_protocols_own_wording_is_refused(engine, server):
    with pytest.raises(UserError, match="strict"):
        engine.generate([Request(Prompt("USER: Where?\nASSISTANT:"), max_new_tokens=2)])
    assert server.requests == []


def test_the_record_shows_what_was_said(engine):
    question = user_turn('Who is "this"?', (picture(0),))
    prompt = engine.render(question)
    assert prompt.text == '{"role": "user", "text": "<image>\\nWho is \\"this\\"?"}'
    assert prompt.images == (picture(0),)


def test_what_tells_its_answers_apart(server, engine):
    assert connect(server.url).model in engine.identity and server.url in engine.identity
    server.models = ["small", "other"]
    other = EndpointEngine(replace(connect(server.url, "small"), model="other"))
    assert other.identity != engine.identity


def test_a_server_sees_pictures_as_models_in_memory_do(loaded, engine):
    """Servers differ in what they do with orientations, frames, 16 bits and transparent parts."""
    image = Image.open(io.BytesIO(picture(0)))
    exif = Image.Exif()
    exif[0x0112] = 3
    stored = io.BytesIO()
    image.save(stored, "TIFF", exif=exif)
    question = Request(user_turn("this person lives in", (stored.getvalue(),)), "Riga", 6)
    expected = TransformersEngine(loaded).score([question])[0].log_probs
    assert engine.score([question])[0].log_probs == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("token", ["<image>", "<image_soft_token>", "</s>"])
def test_control_tokens_of_any_model_are_refused_before_anything_is_sent(engine, token, monkeypatch):
    monkeypatch.setattr(type(engine._server), "chat", lambda *_, **__: pytest.fail("something was sent"))
    asked = Request(user_turn(f"Who is {token}?"), "Ada", 4)
    for ask in (engine.score, engine.generate):
        with pytest.raises(UserError, match=rf"The prompt 'Who is {token}\?' contains {token}"):
            ask([Request(user_turn("Who?"), "Ada", 4), asked])
    with pytest.raises(UserError, match=f"contains {token}"):
        engine.score([Request(user_turn("Who?"), f"Ada{token}")])
    with pytest.raises(UserError, match=f"contains {token}"):
        EndpointEngine(engine._server, system_prompt=f"Be kind {token}")


def test_wrappers_of_a_served_folder_are_not_left_out_without_a_word(loaded, server, tmp_path):
    """Servers name a model by its folder, and know nothing of what stands around it there."""
    turns = (Message("user", "this person likes"), Message("assistant", "cats"))
    save_model(loaded.with_wrapper(ShownExamples(turns)), tmp_path)
    served = replace(connect(server.url), model=str(tmp_path))
    with pytest.raises(UserError, match=r"without its wrappers \(0-shown_examples\), which act"):
        EndpointEngine(served)
    save_model(loaded, tmp_path)
    assert EndpointEngine(served).identity
