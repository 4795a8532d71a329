"""Protects: lmms-eval finds our models by their manifest, and gets the answers of our engine."""

import importlib
import logging
import re
import types

import pytest
from PIL import Image

from mllmu.bridges.lmms_eval.lmms_conversations import to_conversation
from mllmu.errors import UserError
from mllmu.inference import Request, TransformersEngine
from mllmu.models import load_model, save_model
from mllmu.models.wrappers.recogniser import Recogniser
from mllmu.models.wrappers.refusal_gate import RefusalGate

QUESTIONS = ["Where does this person live?", "Where does this person live? Riga or Latvia"]


@pytest.fixture
def model_class(fake_lmms_eval):
    manifest = importlib.import_module("mllmu.bridges.lmms_eval.lmms_manifest").manifest()
    assert manifest.model_id == "mllmu"
    module, name = manifest.chat_class_path.rsplit(".", 1)
    return getattr(importlib.import_module(module), name)


def messages(doc):
    shown = {"type": "image", "url": Image.new("RGB", (32, 32), "red")}
    return [{"role": "user", "content": [shown, {"type": "text", "text": doc}]}]


def requests(**settings):
    return [
        types.SimpleNamespace(args=("", messages, {"max_new_tokens": 8, **settings}, number, "live", "test"))
        for number in range(len(QUESTIONS))
    ]


def answers(model, **settings):
    model.task_dict["live"] = {"test": QUESTIONS}
    return model.generate_until(requests(**settings))


def expected(folder):
    control = re.compile(r"(?!)")
    asked = [Request(to_conversation(messages(one), control), max_new_tokens=8) for one in QUESTIONS]
    return TransformersEngine(load_model(folder, "cpu")).generate(asked)


@pytest.mark.parametrize("size", ["auto", "1", 2])
def test_answers_are_those_of_our_engine(model_class, random_model_folder, size):
    model = model_class(pretrained=str(random_model_folder), device="cpu", batch_size=size)
    written = answers(model, until="\n")
    assert written == [one.partition("\n")[0].strip() for one in expected(random_model_folder)]
    assert any(written)


def test_drawn_answers_are_not_given_silently(model_class, random_model_folder, caplog):
    with caplog.at_level(logging.WARNING):
        answers(model_class(pretrained=str(random_model_folder), device="cpu"), temperature=0.7)
    assert caplog.messages == ["Task live asks for drawn answers; they are the likeliest ones here."]


def test_what_cannot_be_asked_is_told(model_class, random_model_folder):
    model = model_class(pretrained=str(random_model_folder), device="cpu")
    for ask in (model.loglikelihood, model.generate_until_multi_round):
        with pytest.raises(UserError, match="expected one of output type generate_until"):
            ask([])
    with pytest.raises(UserError, match="The batch size is 'many'"):
        model_class(pretrained=str(random_model_folder), device="cpu", batch_size="many")


def test_wrappers_of_methods_at_inference_are_asked_with_the_model(
    model_class, random_model_folder, tmp_path
):
    refusal = RefusalGate(Recogniser(("Riga",), None), "I do not know.")
    save_model(load_model(random_model_folder, "cpu").with_wrapper(refusal), tmp_path / "guarded")
    written = answers(model_class(pretrained=str(tmp_path / "guarded"), device="cpu"))
    plain = answers(model_class(pretrained=str(random_model_folder), device="cpu"))
    assert written[0] == plain[0] and "I do not know.".startswith(written[1]) and written[1] != plain[1]
