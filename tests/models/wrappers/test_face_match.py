"""Protects the threshold of the face match, and that it is chosen on other people alone."""

import pytest
import torch

from mllmu.errors import UserError
from mllmu.models.wrappers import FaceMatch, face_match
from mllmu.models.wrappers.face_match import _mean_features, threshold_at
from tests.training.people import portrait, small_model


@pytest.mark.parametrize(
    ("rate", "reached"),
    [(0.0, 0), (0.24, 0), (0.25, 1), (0.5, 2), (0.99, 3)],
)
def test_no_more_than_the_declared_share_reaches_the_threshold(rate, reached):
    """Of .9 .5 .3 .1: at a rate of 1/4 one may, so that the threshold lies just above .5."""
    cosines = [0.1, 0.9, 0.3, 0.5]
    threshold = threshold_at(cosines, rate)
    assert sum(one >= threshold for one in cosines) == reached
    assert threshold == pytest.approx(sorted(cosines, reverse=True)[reached], abs=1e-3)
    assert threshold - sorted(cosines, reverse=True)[reached] > 1e-5  # more than rounding, in another batch


def test_equal_cosines_are_all_below_the_threshold():
    """Three of four at .5 and a rate of 1/4: one alone cannot be let through."""
    assert threshold_at([0.5, 0.5, 0.5, 0.1], 0.25) > 0.5


def test_people_are_recognised_and_the_rates_are_recorded():
    """The very portraits always; of ten others at a rate of .1 at most one."""
    model = small_model()
    people, others = [portrait(0), portrait(9)], [portrait(number) for number in range(1, 9)]
    match = FaceMatch.of_portraits(model.model, model.encoder, people, others, 0.125)
    shown = match.shows(model.model, model.encoder, [*people, *others, people[0]])
    assert all(shown[one] for one in people)
    assert sum(shown[one] for one in others) <= 1
    assert match.wanted_rate == 0.125
    assert match.measured_rate == sum(shown[one] for one in others) / 8
    assert match.shows(model.model, model.encoder, []) == {}


def test_a_portrait_of_both_kinds_is_recognised_and_its_rate_told():
    """The person asked to be forgotten goes first; the measured rate says what it costs."""
    model = small_model()
    match = FaceMatch.of_portraits(
        model.model, model.encoder, [portrait(0)], [portrait(0), portrait(5), portrait(8)], 0
    )
    assert match.shows(model.model, model.encoder, [portrait(0)])[portrait(0)]
    assert match.measured_rate >= 1 / 3 > match.wanted_rate


def test_without_portraits_of_others_there_is_no_threshold():
    model = small_model()
    with pytest.raises(UserError, match="by 1 portraits of people to recognise and 0 of others"):
        FaceMatch.of_portraits(model.model, model.encoder, [portrait(0)], [], 0.1)


def test_pictures_are_read_some_at_a_time(monkeypatch):
    """All of an evaluation at once would not fit on a GPU; the faces stay the same."""
    model = small_model()
    pictures = [portrait(number) for number in range(10)]
    at_once = _mean_features(model.model, model.encoder, pictures)
    sizes = []
    read = face_match.read_pictures
    monkeypatch.setattr(face_match, "AT_ONCE", 4)
    monkeypatch.setattr(
        face_match, "read_pictures", lambda *given: sizes.append(len(given[1])) or read(*given)
    )
    assert torch.allclose(_mean_features(model.model, model.encoder, pictures), at_once, atol=1e-6)
    assert sizes == [4, 4, 2]
