"""Protects whom the guardrail takes for whom: its misses and false alarms on generated people."""

from __future__ import annotations

import pytest

from mllmu.benchmark import Modality
from mllmu.benchmark.types import Benchmark, Profile
from mllmu.models import Conversation, LoadedModel, load_model, user_turn
from mllmu.models.wrappers import FaceMatch, RefusalGate
from mllmu.synthesis import synthesize
from mllmu.training import training_samples
from mllmu.unlearning import unlearn
from mllmu.unlearning.method import Job
from mllmu.unlearning.wrapping.recognition import RecognitionSettings, recogniser
from tests.training.people import people_with_values, small_model

RATE = 0.2


@pytest.fixture(scope="module")
def benchmark() -> Benchmark:
    return synthesize(profiles=20, celebrities=2, holdout=0, image_size=128, test_image_size=128)


@pytest.fixture(scope="module")
def guarded(benchmark: Benchmark) -> LoadedModel:
    """The built-in base behind a guardrail that knows two of the people."""
    settings = {"false_positive_rate": RATE}
    return unlearn(
        "guardrail", load_model("tiny", "cpu"), benchmark, benchmark.splits[10], "both", settings, 0
    )


def refused(guarded: LoadedModel, prompts: list[Conversation]) -> float:
    """Share of prompts that the gate answers."""
    (gate,) = guarded.wrappers
    replies = gate.replies(guarded.model, guarded.encoder, prompts)
    return sum(reply is not None for reply in replies) / len(replies)


def by_name(profiles: list[Profile]) -> list[Conversation]:
    """All questions that are asked by name, as trained and paraphrased."""
    return [
        user_turn(question.text)
        for profile in profiles
        for question in (*profile.questions, *profile.test_questions)
        if question.modality is Modality.TEXT
    ]


def test_by_name_nobody_is_missed_and_nobody_else_is_refused(
    benchmark: Benchmark, guarded: LoadedModel
) -> None:
    forget, retain = (
        [benchmark.profiles[one] for one in ids]
        for ids in (benchmark.splits[10].forget, benchmark.splits[10].retain)
    )
    assert refused(guarded, by_name(forget)) == 1.0
    assert refused(guarded, by_name([*retain, *benchmark.celebrities.values()])) == 0.0


def test_by_face_portraits_are_recognised_and_false_alarms_are_as_declared(
    benchmark: Benchmark, guarded: LoadedModel
) -> None:
    """The training portraits always, other poses mostly; of retain portraits at most RATE."""
    split, ask = benchmark.splits[10], "Where was this person born?"
    forget, retain = ([benchmark.profiles[one] for one in ids] for ids in (split.forget, split.retain))
    assert refused(guarded, [user_turn(ask, (one.image,)) for one in forget]) == 1.0
    assert refused(guarded, [user_turn(ask, (two,)) for one in forget for two in one.test_images]) >= 0.5
    false_alarms = refused(guarded, [user_turn(ask, (one.image,)) for one in retain])
    (gate,) = guarded.wrappers
    assert isinstance(gate, RefusalGate) and gate.recogniser.faces is not None
    assert false_alarms == gate.recogniser.faces.measured_rate <= RATE
    assert gate.recogniser.faces.wanted_rate == RATE


def test_people_to_forget_are_no_others_where_they_keep_some_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The threshold is chosen on the portraits of people to retain alone."""
    given: list[list[bytes]] = []
    monkeypatch.setattr(
        FaceMatch, "of_portraits", lambda model, encoder, faces, others, rate: given.extend([faces, others])
    )
    samples = training_samples(people_with_values(), ["001", "002"], "image_text")
    birth, pet, *others = samples
    recogniser(Job([birth], [pet, *others], 0, loaded=small_model()), RecognitionSettings())
    assert given == [[birth.image], [others[0].image]]
