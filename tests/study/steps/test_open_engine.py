"""Protects: a model's name says how it is asked, and whose answers are kept."""

import pytest

from mllmu.errors import UserError
from mllmu.inference import CachedEngine
from mllmu.inference.endpoint import Server
from mllmu.study.steps import open_engine as open_engine_module
from mllmu.study.steps.open_engine import cached, check_engine, open_engine

ENGINE = object()
SERVER = "http://localhost:8000/v1"


@pytest.mark.parametrize(
    ("model", "wanted", "kept"),
    [
        ("tiny", None, True),
        ("tiny", False, False),
        # A server may have loaded other weights under the same name.
        (SERVER, None, False),
        (SERVER, True, True),
    ],
)
def test_whose_answers_are_kept(tmp_path, model, wanted, kept):
    file = tmp_path / "answers.sqlite"
    assert isinstance(cached(ENGINE, model, wanted, file), CachedEngine) == kept
    assert file.exists() == kept


def test_a_model_in_memory_has_no_other_name():
    with pytest.raises(UserError, match="expected a URL"):
        open_engine("tiny", "cpu", "small")


def test_a_model_in_memory_is_asked_in_the_wanted_precision():
    """The key of its answers tells that from others."""
    usual, rounded = (open_engine("tiny", "cpu", None, each)[0].identity for each in ("auto", "bfloat16"))
    assert usual == open_engine("tiny", "cpu", None, "float32")[0].identity != rounded


def test_a_server_is_told_no_precision():
    with pytest.raises(UserError, match="is a server, which decides"):
        open_engine(SERVER, "cpu", None, "bfloat16")


def test_a_server_is_asked_by_one_process(monkeypatch):
    """Each would send it every question; they share out questions to a model in memory alone."""
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(UserError, match=r"2 processes were started .* the server 'http.*; expected one"):
        check_engine(SERVER, None, "auto")
    check_engine("tiny", None, "auto")
    monkeypatch.setenv("WORLD_SIZE", "1")
    check_engine(SERVER, None, "auto")


def test_a_served_folder_is_asked_with_the_instruction_that_lies_there(tmp_path, monkeypatch):
    """The server does not know of it, and a prompted model would be asked as vanilla."""
    (tmp_path / "mllmu.json").write_text('{"system_prompt": "Say nothing about Ada."}')
    monkeypatch.setattr(open_engine_module, "connect", lambda url, name: Server(url, str(tmp_path), None))
    seen = []
    monkeypatch.setattr(
        open_engine_module, "EndpointEngine", lambda server, **more: seen.append((server.model, more))
    )
    open_engine(SERVER, "cpu")
    assert seen == [(str(tmp_path), {"system_prompt": "Say nothing about Ada."})]
