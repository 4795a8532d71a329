"""Protects: a model's name says how it is asked, and whose answers are kept."""

import pytest

from mllmu.errors import UserError
from mllmu.inference import CachedEngine
from mllmu.study.steps.open_engine import cached, open_engine

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
