"""Protects: no sample changes the position embeddings with which another of its batch is learned."""

import pytest

from mllmu.errors import UserError
from mllmu.training import Sample, TrainingSettings, fine_tune
from tests.inference.test_rope_lengths import DYNAMIC, LIMIT, LONG, scaled

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
