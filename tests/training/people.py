"""Ten made-up people and a random model of the built-in architecture, small enough for many trainings."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import torch
from PIL import Image

from mllmu.benchmark.types import Benchmark, Profile, Split, TrainingQuestion
from mllmu.models import LoadedModel, wrap_model
from mllmu.models.tiny import TinySize, build_model, build_processor, train_tokenizer
from mllmu.training import Sample, SampleDataset
from mllmu.training.data.answer_collator import AnswerCollator
from mllmu.unlearning.frozen.frozen_model import answer_log_probs

SMALL = TinySize(
    hidden=48, layers=2, heads=2, mlp=96, vision_hidden=32, vision_layers=1, vision_heads=2, vision_mlp=64
)
_CITIES = ("Riga", "Oslo", "Turku", "Kaunas", "Tartu", "Malmo", "Bergen", "Vilnius", "Narva", "Espoo")
_NAMES = ("Ada", "Bo", "Cy", "Di", "Ed", "Fay", "Gus", "Hal", "Ida", "Jo")


def portrait(index: int) -> bytes:
    """A plain picture, different for every person."""
    stream = io.BytesIO()
    Image.new("RGB", (64, 64), (index * 25, 255 - index * 25, index * 60 % 256)).save(stream, "PNG")
    return stream.getvalue()


def person(index: int) -> Profile:
    """Somebody who is asked two things; the second answer is longer than the first."""
    profile_id = f"{index + 1:03d}"
    return Profile(
        profile_id=profile_id,
        name=f"{_NAMES[index]} Berg",
        biography={},
        image=portrait(index),
        questions=(),
        training_questions=(
            TrainingQuestion(profile_id, "Where was this person born?", f"In {_CITIES[index]}."),
            TrainingQuestion(
                profile_id,
                "What is this person's pet in the image?",
                f"This person's pet is a cat from {_CITIES[-index]}.",
            ),
        ),
    )


def people() -> Benchmark:
    """All ten, two of them to be forgotten."""
    profiles = {profile.profile_id: profile for profile in map(person, range(10))}
    ids = tuple(profiles)
    return Benchmark("toy", profiles, {}, {}, {20: Split(20, ids[:2], ids[2:])})


def people_with_values() -> Benchmark:
    """The ten, with what each question asks and what each answer states."""

    def valued(index: int, profile: Profile) -> Profile:
        birth, pet = profile.training_questions
        questions = (replace(birth, attribute="birthplace"), replace(pet, attribute="pet"))
        biography = {"cities": (_CITIES[index], _CITIES[-index])}
        return replace(profile, biography=biography, training_questions=questions)

    benchmark = people()
    profiles = {key: valued(index, one) for index, (key, one) in enumerate(benchmark.profiles.items())}
    return replace(benchmark, profiles=profiles)


def small_settings(method: str) -> dict[str, str]:
    """What a method has to be told for the small model, whose tower has a first row that nobody reads."""
    return {"position": "answer"} if method == "mip_editor" else {}


def small_model(seed: int = 0, layers: int = SMALL.layers) -> LoadedModel:
    """Random weights; its tokenizer knows the questions. One layer does where a test is of steps alone."""
    texts = [
        f"USER: {item.question}\nASSISTANT: {item.answer}"
        for profile in people().profiles.values()
        for item in profile.training_questions
    ]
    tokenizer = train_tokenizer(texts, 360)
    return wrap_model(
        build_model(tokenizer, replace(SMALL, layers=layers), seed), build_processor(tokenizer), "small"
    )


def weights(loaded: LoadedModel) -> dict[str, torch.Tensor]:
    """A copy of all weights."""
    return {name: tensor.clone() for name, tensor in loaded.model.state_dict().items()}


def weights_and_wrappers(loaded: LoadedModel) -> dict[str, torch.Tensor]:
    """A copy of all weights, and of all that stands around the model."""
    around = {
        f"{wrapper.name}.{name}": tensor.detach().clone()
        for wrapper in loaded.wrappers
        for name, tensor in wrapper.parts().tensors.items()
    }
    return {**weights(loaded), **around}


def changed(before: dict[str, torch.Tensor], loaded: LoadedModel) -> set[str]:
    """Names of the weights that are no longer what they were."""
    return {name for name, now in loaded.model.state_dict().items() if not torch.equal(before[name], now)}


def answer_loss(loaded: LoadedModel, samples: list[Sample]) -> float:
    """Minus the mean log-probability of whole answers."""
    items: Any = SampleDataset(loaded, samples)
    collator = AnswerCollator(loaded.encoder.pad_id)
    return -float(answer_log_probs(loaded.model, items, collator, 16, "float32").mean())
