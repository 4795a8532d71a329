"""Protects: a hub is asked once and briefly, its cache stands in for it, what it lacks is one sentence."""

from __future__ import annotations

import huggingface_hub
import pytest

from mllmu.errors import UserError
from mllmu.hub_access import from_hub, is_hub_id
from mllmu.models import model_location


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, float]]:
    """What a hub was asked that has everything but ``owner/nothing``."""
    questions = []

    class Hub:
        def model_info(self, hub_id: str, timeout: float) -> None:
            self._answer("model", hub_id, timeout)

        def dataset_info(self, hub_id: str, timeout: float) -> None:
            self._answer("dataset", hub_id, timeout)

        def _answer(self, kind: str, hub_id: str, timeout: float) -> None:
            questions.append((kind, hub_id, timeout))
            if hub_id == "owner/nothing":
                raise OSError("not\nfound")

    monkeypatch.setattr(huggingface_hub, "HfApi", Hub)
    return questions


@pytest.mark.parametrize("kind", ["model", "dataset"])
def test_what_a_hub_has_is_got_and_what_it_lacks_is_looked_for_in_the_cache(kind, asked) -> None:
    assert from_hub(kind, "owner/this", lambda: "got", lambda: "held", "else") == "got"
    assert from_hub(kind, "owner/nothing", lambda: "got", lambda: "held", "else") == "held"
    message = rf"owner/nothing is no folder here, .* as a {kind} \(not found\); expected a folder\."
    with pytest.raises(UserError, match=message):
        from_hub(kind, "owner/nothing", lambda: "got", lambda: None, "a folder")
    names = ["owner/this", "owner/nothing", "owner/nothing"]
    assert asked == [(kind, name, 10) for name in names]


def test_a_download_that_breaks_off_is_looked_for_in_the_cache_too(asked) -> None:
    def broken() -> str:
        raise TimeoutError("too slow")

    assert from_hub("dataset", "owner/this", broken, lambda: "held", "else") == "held"


@pytest.mark.parametrize(
    "name", ["owner", "a/b/c", "/a", "./a", "../a", "a/.b", "a b/c", "a/b:c", "é/a", "a/"]
)
def test_what_has_not_the_form_of_a_hub_id_is_none_for_models_either(name) -> None:
    assert not is_hub_id(name)
    with pytest.raises(UserError, match="There is no model"):
        model_location(name)


def test_hub_ids() -> None:
    assert is_hub_id("llava-hf/llava-1.5-7b-hf") and is_hub_id("MLLMMU/MLLMU-Bench") and is_hub_id("a/_b")
