"""Protects: nothing is asked twice, and no answer is taken for another's."""

import copy
import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from mllmu import source_digest
from mllmu.inference import (
    AnswerStore,
    CachedEngine,
    Extra,
    Request,
    Stop,
    TokenScores,
    TransformersEngine,
    answer_cache,
)
from mllmu.inference.in_memory import model_cache_key
from mllmu.models import Conversation, Message, user_turn, wrap_model
from mllmu.models.wrappers.shown_examples import ShownExamples

from .conftest import picture

PEOPLE = [
    Request(user_turn("this person lives in", (picture(0),)), "Riga", 6),
    Request(user_turn("this person likes"), "soup and cats", 5),
    Request(user_turn("this person likes"), "Paris", 5),
]


class Counting(TransformersEngine):
    """Notes what it is asked."""

    def __init__(self, loaded):
        super().__init__(loaded)
        self.scored, self.continued = [], []

    def score(self, requests, progress=None):
        self.scored += requests
        return super().score(requests, progress)

    def generate(self, requests, scored=None, progress=None):
        self.continued += requests
        return super().generate(requests, scored, progress)


@pytest.fixture
def store(tmp_path):
    return AnswerStore(tmp_path / "stored" / "answers.sqlite")


@pytest.fixture
def own(loaded):
    """A copy of the model that a test may change."""
    return wrap_model(copy.deepcopy(loaded.model), copy.deepcopy(loaded.processor), "copy")


def asked(loaded, store, requests):
    """What a model answers through the cache, and what it had to be asked for that."""
    engine = Counting(loaded)
    cached = CachedEngine(engine, store)
    scores = cached.score(requests)
    texts = cached.generate(requests, scores)
    return (scores, texts), (engine.scored, engine.continued)


def test_a_second_run_asks_nothing_and_gives_the_same(loaded, store):
    first, questions = asked(loaded, store, PEOPLE)
    # The second and third are one question to write an answer to, and two answers to score.
    assert [len(part) for part in questions] == [3, 2]
    second, questions = asked(loaded, store, PEOPLE)
    assert questions == ([], [])
    assert second == first
    engine = TransformersEngine(loaded)
    assert second == (engine.score(PEOPLE), engine.generate(PEOPLE))


def test_what_else_is_told_is_kept(loaded, store):
    """Moments and gradient norms come back as they were, and stores without them can still be read."""
    everything = [replace(one, extras=frozenset(Extra)) for one in PEOPLE]
    assert CachedEngine(TransformersEngine(loaded), store).extras == frozenset(Extra)
    (first, _), _ = asked(loaded, store, everything)
    (second, _), questions = asked(loaded, store, everything)
    assert questions == ([], []) and second == first
    assert all(one.gradient_norm > 0 and len(one.moments) == len(one.log_probs) for one in second)
    (key,) = CachedEngine(TransformersEngine(loaded), store)._keys("score", PEOPLE[:1], lambda one: [1])
    store.add({key: [[-1.0], [True], [5]]})
    assert answer_cache._from_json(*store.find([key])[key]) == TokenScores((-1.0,), (True,), (5,))


def test_only_what_is_missing_is_asked_and_results_keep_their_places(loaded, store):
    asked(loaded, store, PEOPLE[:1])
    more = [Request(user_turn("works as"), "nurse", 4), *PEOPLE]
    (scores, texts), (scored, continued) = asked(loaded, store, more)
    assert PEOPLE[0] not in scored and len(scored) == 3
    assert PEOPLE[0] not in continued and len(continued) == 2
    engine = TransformersEngine(loaded)
    assert texts == engine.generate(more)
    for cached, wanted in zip(scores, engine.score(more), strict=True):
        assert cached.log_probs == pytest.approx(wanted.log_probs, abs=1e-5)


def test_what_was_answered_before_an_interruption_is_kept(loaded, store, monkeypatch):
    """Answers are stored in portions, not at the end."""
    monkeypatch.setattr("mllmu.inference.answer_cache._REQUESTS_AT_ONCE", 2)
    engine = Counting(loaded)

    def interrupted(done, total):
        if done > 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        CachedEngine(engine, store).score(PEOPLE, interrupted)
    _, (scored, _) = asked(loaded, store, PEOPLE)
    assert len(scored) == 1


def test_progress_begins_with_what_is_known(loaded, store):
    asked(loaded, store, PEOPLE[:2])
    calls = []
    CachedEngine(TransformersEngine(loaded), store).score(PEOPLE, lambda *steps: calls.append(steps))
    assert calls[0] == (2, 3) and calls[-1] == (3, 3)


def change_one_weight(loaded):
    with torch.no_grad():
        next(loaded.model.parameters()).view(-1)[0] += 1e-3
    return loaded


def change_the_template(loaded):
    loaded.processor.chat_template = loaded.processor.chat_template.replace("USER", "YOU")
    return loaded


def change_the_preprocessing(loaded):
    loaded.processor.image_processor.image_mean = [0.4, 0.5, 0.5]
    return loaded


def change_the_configuration(loaded):
    loaded.model.config.text_config.rope_parameters["rope_theta"] = 5000.0
    return loaded


@pytest.mark.parametrize(
    "changed",
    [
        change_one_weight,
        change_the_template,
        change_the_preprocessing,
        change_the_configuration,
        lambda loaded: replace(loaded, model=loaded.model.to(torch.bfloat16)),
        lambda loaded: loaded.with_system_prompt("Be kind."),
    ],
    ids=["weight", "template", "preprocessing", "configuration", "dtype", "system prompt"],
)
def test_another_model_is_asked_again(own, store, changed):
    asked(own, store, PEOPLE)
    _, (scored, continued) = asked(changed(own), store, PEOPLE)
    assert (len(scored), len(continued)) == (3, 2)


def test_a_model_that_changed_under_the_cache_is_asked_again(own, store):
    """The same engine, before and after a step of training."""
    engine = Counting(own)
    cached = CachedEngine(engine, store)
    before = cached.score(PEOPLE)
    change_one_weight(own)
    after = cached.score(PEOPLE)
    assert len(engine.scored) == 6
    assert [one.log_probs for one in after] != [one.log_probs for one in before]


def one_pixel_off(image):
    pixels = np.array(Image.open(io.BytesIO(image)))
    pixels[0, 0, 0] ^= 1
    stored = io.BytesIO()
    Image.fromarray(pixels).save(stored, "PNG")
    return stored.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": user_turn("this person lives in", (one_pixel_off(picture(0)),))},
        {"prompt": user_turn("this person lives at", (picture(0),))},
        {"prompt": user_turn("this person lives in")},
        {
            "prompt": Conversation(
                (Message("user", "works as"), *user_turn("this person lives in", (picture(0),)).messages)
            )
        },
    ],
    ids=["pixel", "wording", "no picture", "demonstration"],
)
def test_another_question_is_asked(loaded, store, change):
    asked(loaded, store, PEOPLE[:1])
    _, (scored, continued) = asked(loaded, store, [replace(PEOPLE[0], **change)])
    assert (len(scored), len(continued)) == (1, 1)


@pytest.mark.parametrize(
    ("change", "scored_again", "written_again"),
    [
        ({"answer": "Paris"}, 1, 0),
        ({"extras": frozenset({Extra.TOKEN_MOMENTS})}, 1, 0),
        ({"extras": frozenset({Extra.GRADIENT_NORMS})}, 1, 0),
        ({"max_new_tokens": 7}, 0, 1),
        ({"stop": Stop.FIRST_CHARACTER}, 0, 1),
    ],
)
def test_settings_count_where_they_matter(loaded, store, change, scored_again, written_again):
    asked(loaded, store, PEOPLE[:1])
    _, (scored, continued) = asked(loaded, store, [replace(PEOPLE[0], **change)])
    assert (len(scored), len(continued)) == (scored_again, written_again)


@pytest.mark.parametrize("kind", ["source", "torch", "transformers"])
def test_other_versions_ask_again(loaded, store, monkeypatch, kind):
    asked(loaded, store, PEOPLE)
    if kind == "source":
        monkeypatch.setattr(model_cache_key, "source_digest", lambda *names, without: "edited")
    else:
        installed = model_cache_key.version
        monkeypatch.setattr(model_cache_key, "version", lambda name: installed(name) + "9" * (name == kind))
    _, (scored, _) = asked(loaded, store, PEOPLE)
    assert len(scored) == 3


@pytest.mark.parametrize(("file", "counts"), [("plain_batches.py", True), ("answer_store.py", False)])
def test_the_source_that_answers_counts_and_no_other(loaded, monkeypatch, file, counts):
    before = model_cache_key.model_cache_key(loaded)
    real = source_digest._content.__wrapped__
    edited = {True: b"edited", False: b""}
    monkeypatch.setattr(source_digest, "_content", lambda path: real(path) + edited[path.name == file])
    source_digest._digest.cache_clear()
    try:
        assert (model_cache_key.model_cache_key(loaded) != before) == counts
    finally:
        source_digest._digest.cache_clear()


def test_the_source_of_somebody_elses_wrapper_counts(loaded, monkeypatch):
    """Those that come with mllmu are among the source that answers."""

    class Polite(ShownExamples):
        """Stands for a class of another package; this test's file is its source."""

    around = {kind: loaded.with_wrapper(kind(())) for kind in (ShownExamples, Polite)}
    before = {kind: model_cache_key.model_cache_key(one) for kind, one in around.items()}
    monkeypatch.setattr(model_cache_key, "plugin_digest", lambda wrapper, home: "edited")
    changed = {kind for kind, one in around.items() if model_cache_key.model_cache_key(one) != before[kind]}
    assert changed == {Polite}


def test_where_a_model_lies_does_not_matter(own, store):
    asked(own, store, PEOPLE)
    own.model.config._name_or_path = "/elsewhere"
    assert asked(own, store, PEOPLE)[1] == ([], [])
