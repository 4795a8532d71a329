"""Protects: a picture is preprocessed at most twice, for its place and for its features."""

from __future__ import annotations

import pytest

from mllmu.inference import Request, TransformersEngine
from mllmu.models import user_turn
from mllmu.models.inputs import image_preprocessing
from mllmu.models.inputs.image_preprocessing import PictureCache
from tests.training.people import portrait, small_model


@pytest.mark.parametrize(("room", "most"), [(100, 70), (35, 140)])
def test_pictures_are_not_preprocessed_for_every_question(
    room: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prepared all at once, seventy pictures pushed one another out of the cache before any was used."""
    pictures = [portrait(number) for number in range(70)]
    asked = [
        Request(user_turn(question, (picture,)), "Riga")
        for picture in pictures
        for question in ("Where?", "Who?", "When?")
    ]
    size = small_model().encoder.picture(pictures[0]).size() + max(map(len, pictures))
    engine = TransformersEngine(small_model())
    engine.score([Request(user_turn("Who?"), "Riga")])  # tries on pictures of its own come before
    monkeypatch.setattr(image_preprocessing, "_CACHE_BYTES", room * size)
    made = []
    preprocessed = PictureCache._preprocessed
    monkeypatch.setattr(
        PictureCache, "_preprocessed", lambda cache, image: made.append(1) or preprocessed(cache, image)
    )
    engine.score(asked)
    assert len(made) <= most
