"""Protects: no sample changes the position embeddings with which another of its batch is learned."""

import logging

import pytest

from mllmu.errors import UserError
from mllmu.inference import Request, TransformersEngine
from mllmu.models import user_turn
from mllmu.training import Sample, TrainingSettings, fine_tune
from tests.inference.test_rope_lengths import DYNAMIC, LIMIT, LONG, scaled
from tests.training.people import small_model

SHORT = Sample("Who?", "Ada", None, "001")
LONGER = Sample("Who " * LIMIT + "?", "Ada", None, "001")
SETTINGS = TrainingSettings(max_steps=1, batch_size=2, precision="float32", learning_rate=1e-2)


@pytest.mark.parametrize("rope", [DYNAMIC, LONG], ids=["dynamic", "longrope"])
def test_a_sample_that_would_change_others_is_named(rope):
    with pytest.raises(UserError, match=rf"The question 'Who Who .* tokens .* from {LIMIT} on .*rope type"):
        fine_tune(scaled(rope), [LONGER, SHORT], SETTINGS, seed=0)


def test_shorter_samples_and_fixed_positions_are_learned():
    fixed = {"rope_type": "linear", "factor": 2.0, "rope_theta": 10.0}
    wide = LONG | {"original_max_position_embeddings": 2000}
    for loaded in (scaled(fixed), scaled(wide)):
        before = loaded.fingerprint
        assert fine_tune(loaded, [SHORT, LONGER], SETTINGS, seed=0).fingerprint != before


def test_what_the_context_does_not_hold_is_neither_taught_nor_asked_in_silence(caplog):
    loaded = small_model()
    loaded.model.config.get_text_config().max_position_embeddings = 40
    with pytest.raises(UserError, match=r"'Who Who .* tokens .* the context of .* after 40;"):
        fine_tune(loaded, [SHORT, LONGER], SETTINGS, seed=0)
    for question, told in (("Who?", 0), ("Who " * 60, 1)):
        with caplog.at_level(logging.WARNING, "mllmu"):
            TransformersEngine(loaded).generate([Request(user_turn(question), max_new_tokens=1)])
        assert caplog.text.count("and the context of small ends after 40") == told
