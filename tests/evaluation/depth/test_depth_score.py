"""Protects the Unlearning Depth Score, on numbers worked out by hand."""

import numpy as np
import pytest

from mllmu.evaluation.depth.depth_score import knowing_layers, unlearning_depth

NOTHING = [0.0, 0.0, 0.0]


def test_a_layer_knows_what_is_above_the_threshold_and_not_what_is_on_it():
    assert knowing_layers([[0.05, 0.0501, -3.0]]).tolist() == [[False, True, False]]


def test_by_hand():
    """Layers 1 and 2 know. Erased are half of 1 and, clipped, all of 3: (1 x .5 + 3 x 1) / (1 + 3) = .875.

    Layer 0 counts for nothing although the model differs there most.
    """
    assert unlearning_depth([[5.0, 0.5, 6.0]], [[0.04, 1.0, 3.0]]).tolist() == [0.875]


def test_a_model_that_knows_it_better_than_vanilla_is_intact_and_no_less():
    """(1 x 0 + 1 x .25) / 2 = .125: a negative drop does not make up for a positive one."""
    assert unlearning_depth([[-4.0, 0.25]], [[1.0, 1.0]]).tolist() == [0.125]


def test_vanilla_is_0_and_retrained_1_to_the_last_bit():
    retrained = np.random.default_rng(0).normal(0.5, 1, (50, 7))
    knows = knowing_layers(retrained).any(axis=1)
    assert knows.all()
    assert (unlearning_depth(np.zeros((50, 7)), retrained) == 0).all()
    assert (unlearning_depth(retrained, retrained) == 1).all()


def test_a_question_with_nothing_to_erase_has_no_score():
    depth = unlearning_depth([[9.0, 9.0, 9.0], NOTHING], [NOTHING, [0.0, 1.0, 0.0]])
    assert np.isnan(depth[0]) and depth[1] == 0


def test_more_erased_is_never_less_deep():
    rng = np.random.default_rng(1)
    retrained, drops = rng.normal(1, 1, (40, 5)), rng.normal(0, 1, (40, 5))
    deeper = unlearning_depth(drops + 0.3, retrained)
    assert (deeper >= unlearning_depth(drops, retrained)).all()


def test_drops_of_other_questions_are_refused():
    with pytest.raises(ValueError, match="of one shape"):
        unlearning_depth([NOTHING], [NOTHING, NOTHING])
    with pytest.raises(ValueError, match="of one shape"):
        unlearning_depth(NOTHING, NOTHING)
