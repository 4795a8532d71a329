"""Protects which tokens of a forget answer every method's loss reads."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from mllmu.benchmark.language.answer_parts import AnswerPart
from mllmu.models import LoadedModel
from mllmu.training import Sample, SampleDataset
from mllmu.unlearning import METHODS, TrainedMethod, method_names, unlearn
from mllmu.unlearning.forget_tokens import ForgetTokenChoice, ForgetTokens
from mllmu.unlearning.pairing.pair_trainer import UnlearningTrainer
from tests.training.people import people, people_with_values, small_model, small_settings

PARTS = {"e": AnswerPart.ECHO, "t": AnswerPart.TEMPLATE, "v": AnswerPart.VALUE, ".": AnswerPart.END}
# Those that read no forget answer take no other choice.
TRAINED = [
    name
    for name in method_names()
    if issubclass(METHODS.get(name), TrainedMethod)
    and METHODS.get(name).settings_type.model_fields["forget_tokens"].annotation == ForgetTokens
]
BENCHMARK = people()
SPLIT = BENCHMARK.splits[20]
VALUED = people_with_values()
CITIES = ["Espoo", "Oslo", "Riga", "Riga"]


@pytest.mark.parametrize(
    ("tokens", "parts", "read"),
    [
        ("answer", "eetvv.", "xxxxxx"),
        ("new", "eetvv.", "--xxxx"),
        ("value", "eetvv.", "---xx-"),
        ("new", "tt.", "xxx"),
        ("value", "eet.", "--xx"),  # no value is known: what is new
        ("new", "ee.", "xxx"),  # nothing is new: all, for an empty loss would be no number
        ("value", "ee.", "xxx"),
    ],
)
def test_the_loss_reads_what_was_chosen(tokens: ForgetTokens, parts: str, read: str) -> None:
    """One letter per token: echo, template, value, end."""
    chosen = ForgetTokenChoice(tokens)([PARTS[letter] for letter in parts])
    assert "".join("x" if one else "-" for one in chosen) == read


def test_what_could_not_be_chosen_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """A loss over other tokens than was asked for must not pass in silence."""
    choice = ForgetTokenChoice("value")
    for parts in ("v.", "t.", "e.", "ev."):
        choice([PARTS[letter] for letter in parts])
    with caplog.at_level(logging.WARNING):
        choice.tell()
    assert [record.getMessage().split(";")[0].split(": ")[1] for record in caplog.records] == [
        "in 2 of 4 answers no value is known",
        "1 of 4 answers only repeat the question",
    ]


@pytest.fixture(scope="module")
def loaded() -> LoadedModel:
    """A model with random weights."""
    return small_model()


def test_the_mask_of_a_sample_is_that_of_its_chosen_tokens(loaded: LoadedModel) -> None:
    """In the encoded sample, by what the tokens say."""
    sample = Sample("Who is Ada Berg's pet?", "Ada Berg's pet is a cat.", None, "001", "a cat")

    def read(tokens: ForgetTokens) -> str:
        item = SampleDataset(loaded, [sample], ForgetTokenChoice(tokens))[0]
        return loaded.processor.tokenizer.decode(item.input_ids[item.answer_mask]).strip()

    assert read("answer").startswith("Ada Berg's pet is a cat.")
    assert "Ada" not in read("new") and "a cat." in read("new")
    assert read("value") == "a cat"


@pytest.mark.parametrize("method", TRAINED)
def test_methods_read_no_other_forget_tokens(
    method: str, loaded: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the entry point: the forget half of every step holds the values alone, the retain half all."""
    seen: list[tuple[list[str], list[str]]] = []
    original = UnlearningTrainer.compute_loss

    def recorded(self: Any, model: Any, batch: Any, *rest: Any, **named: Any) -> Any:
        halves = []
        for half in ("forget", "retain") if "retain" in batch else ("forget",):
            inputs = batch[half]["inputs"]
            rows = zip(inputs["input_ids"], inputs["answer_mask"], strict=True)
            halves.append([loaded.processor.tokenizer.decode(ids[mask]).strip() for ids, mask in rows])
        seen.append((halves[0], halves[1] if len(halves) > 1 else []))
        return original(self, model, batch, *rest, **named)

    monkeypatch.setattr(UnlearningTrainer, "compute_loss", recorded)
    settings: dict[str, Any] = {
        "forget_tokens": "value",
        "passes": 1,
        "batch_size": 4,
        "precision": "float32",
    }
    settings |= small_settings(method)
    state = {name: tensor.clone() for name, tensor in loaded.model.state_dict().items()}
    modality: Any = "text" if "text" in METHODS.get(method).modalities else "image_text"
    unlearn(method, loaded, VALUED, SPLIT, modality, settings, seed=0)
    loaded.model.load_state_dict(state)
    forgotten = [text for forget, _ in seen for text in forget]
    assert sorted(forgotten) == CITIES
    assert all(text.endswith("</s>") for _, retain in seen for text in retain)
